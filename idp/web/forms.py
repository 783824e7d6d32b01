"""Forms: syntax of what is typed; meaning is the services' business.

Labels are marked English texts that the macros translate; messages are translated here, when the
form is checked. Controls carry the HTML autofill tokens (WCAG 2.2 SC 1.3.5).
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, PasswordField, StringField, TelField, ValidationError
from wtforms.validators import StopValidation

from idp.foundation.language import N_
from idp.foundation.results import Refused
from idp.people.accounts.rules import deliverable_email
from idp.people.credentials.rules import MAX_TYPED_CODE_POINTS
from idp.web import kept_forms
from idp.web.language import say

Check = Callable[[FlaskForm, Field], None]


class Form(FlaskForm):
    """Parent of every form: shows what a use case refused where the person looks for it.

    A page that is read again after a pause shows what was typed before it (`kept_forms`).
    """

    def __init__(self, *args: Any, **values: Any) -> None:
        """Take what WTForms takes."""
        super().__init__(*args, **values)
        kept_forms.fill(self)

    class Meta(FlaskForm.Meta):
        """WTForms' own messages are never shown."""

        locales = ("en",)

    def refuse(self, refused: Refused, words: Mapping[str, str]) -> None:
        """Show a use case's refusal: at its field, or above the form.

        words: marked text for each key; KeyError when a key has none, so that a test finds it.
        """
        message = say(words[refused.key], **refused.values)
        if refused.field and refused.field in self:
            field = self[refused.field]
            field.errors = [*field.errors, message]
        else:
            self.form_errors.append(message)


def stripped(text: str | None) -> str:
    """Filter of a field: what was typed, without outer spaces."""
    return (text or "").strip()


class Required:
    """Refuse an empty field with its own message."""

    field_flags: Mapping[str, Any] = {"required": True}

    def __init__(self, message: str) -> None:
        """message: marked text that says what to enter."""
        self._message = message

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        """Raise StopValidation when nothing was typed: no other check has more to say."""
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            field.errors = []
            raise StopValidation(say(self._message))


class AtMost:
    """Refuse text that is longer than what can be kept."""

    def __init__(self, length: int) -> None:
        """length: in characters."""
        self._length = length

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        """Raise ValidationError when the text is too long."""
        if field.data and len(field.data) > self._length:
            message = N_("Use at most %(length)s characters here.")
            raise ValidationError(say(message, length=self._length))


def deliverable(_form: FlaskForm, field: Field) -> None:
    """Refuse what no mail can be sent to."""
    if field.data and not deliverable_email(field.data):
        raise ValidationError(say(N_("Enter an email address such as name@example.org.")))


def text_field(
    label: str,
    *checks: Check,
    autocomplete: str = "off",
    description: str = "",
    default: str = "",
    **attributes: str,
) -> StringField:
    """Return a line of text; default: what stands in it at first."""
    return StringField(
        label,
        validators=checks,
        filters=[stripped],
        description=description,
        default=default,
        render_kw={"autocomplete": autocomplete, **attributes},
    )


def email_field(label: str, *checks: Check, autocomplete: str = "email") -> EmailField:
    """Return a line for an email address."""
    return EmailField(
        label,
        validators=checks,
        filters=[stripped],
        render_kw={"autocomplete": autocomplete, "inputmode": "email", "spellcheck": "false"},
    )


def phone_field(label: str, *checks: Check) -> TelField:
    """Return a line for a phone number."""
    return TelField(
        label,
        validators=checks,
        filters=[stripped],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )


def password_field(label: str, *checks: Check, autocomplete: str) -> PasswordField:
    """Return a password line; autocomplete: current-password or new-password."""
    return PasswordField(
        label,
        validators=[*checks, AtMost(MAX_TYPED_CODE_POINTS)],
        render_kw={"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "none"},
    )


def code_field(label: str, *checks: Check) -> StringField:
    """Return the one input of a code that was mailed or that an app shows."""
    return StringField(
        label,
        validators=checks,
        filters=[stripped],
        render_kw={
            "autocomplete": "one-time-code",
            "spellcheck": "false",
            "inputmode": "numeric",
        },
    )
