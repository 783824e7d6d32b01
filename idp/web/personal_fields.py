"""Fields of what people say about themselves: the same rules wherever they are typed."""

import unicodedata
from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, SelectField, StringField, TelField, ValidationError

from idp.foundation.language import N_
from idp.people.accounts.rules import phone_e164, plain_name_error
from idp.web.forms import AtMost, Required, deliverable, email_field, phone_field, text_field
from idp.web.language import say

LANGUAGE_NAMES = {"en": "English", "es": "Español"}
_NAME_WORDS = {
    "too_long": N_("Use at most %(length)s characters here."),
    "name_characters": N_("Leave out characters that cannot be seen."),
}
_LONGEST = {"name": 100, "affix": 16, "business_name": 200, "business_role": 100, "email": 254}


class OneOf:
    """Refuse what is none of the choices, or nothing."""

    field_flags: Mapping[str, bool] = {"required": True}

    def __init__(self, message: str) -> None:
        """message: marked text that says what to choose."""
        self._message = message

    def __call__(self, _form: FlaskForm, field: SelectField) -> None:
        """Raise ValidationError when no known choice was sent."""
        if not isinstance(field.choices, dict) or field.data not in field.choices:
            raise ValidationError(say(self._message))


class PlainName:
    """Refuse text that cannot stand as a name in pages, records and mails."""

    def __init__(self, length: int) -> None:
        """length: in characters."""
        self._length = length

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        """Raise ValidationError when the text is too long or has characters nobody sees."""
        if key := plain_name_error(field.data, self._length):
            raise ValidationError(say(_NAME_WORDS[key], length=self._length))


def composed(text: str | None) -> str:
    """Return what was typed as it is kept: composed letters (NFC), single spaces."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def prefix_field() -> StringField:
    """Return the line for what stands before a name."""
    return text_field(
        N_("Title, such as Dr. or Ms."),
        PlainName(_LONGEST["affix"]),
        autocomplete="honorific-prefix",
    )


def first_name_field() -> StringField:
    """Return the line for a first name."""
    return text_field(
        N_("First name"),
        Required(N_("Enter your first name.")),
        PlainName(_LONGEST["name"]),
        autocomplete="given-name",
    )


def middle_initial_field() -> StringField:
    """Return the line for a middle initial."""
    return text_field(N_("Middle initial"), _one_letter, autocomplete="additional-name")


def last_name_field() -> StringField:
    """Return the line for a last name."""
    return text_field(
        N_("Last name"),
        Required(N_("Enter your last name.")),
        PlainName(_LONGEST["name"]),
        autocomplete="family-name",
    )


def suffix_field() -> StringField:
    """Return the line for what stands behind a name."""
    return text_field(
        N_("Suffix, such as Jr. or III"),
        PlainName(_LONGEST["affix"]),
        autocomplete="honorific-suffix",
    )


def business_name_field() -> StringField:
    """Return the line for the business that somebody acts for."""
    return text_field(
        N_("Name of the business or provider"),
        Required(N_("Enter the name of the business or provider.")),
        PlainName(_LONGEST["business_name"]),
        autocomplete="organization",
    )


def business_role_field() -> StringField:
    """Return the line for what somebody is in the business."""
    return text_field(
        N_("Your role there"),
        Required(N_("Enter your role in the business.")),
        PlainName(_LONGEST["business_role"]),
        autocomplete="organization-title",
    )


def mobile_number_field() -> TelField:
    """Return the line for a mobile number."""
    return phone_field(N_("Mobile number"), _phone)


def language_field() -> SelectField:
    """Return the choice of the language of messages."""
    return SelectField(
        N_("Language of the messages we send you"),
        choices=LANGUAGE_NAMES,
        validators=[OneOf(N_("Choose a language."))],
        validate_choice=False,
        render_kw={"autocomplete": "language"},
    )


def new_email_field(label: str) -> EmailField:
    """Return the line for an address to write to; label: marked text."""
    return email_field(
        label, Required(N_("Enter your email address.")), AtMost(_LONGEST["email"]), deliverable
    )


def confirm_email_field() -> EmailField:
    """Return the line in which the form's `email` is typed once more."""
    return email_field(
        N_("Email address again"),
        Required(N_("Enter your email address once more.")),
        _same_email,
    )


def _one_letter(_form: FlaskForm, field: Field) -> None:
    letter = unicodedata.normalize("NFC", field.data).removesuffix(".")
    if field.data and not (len(letter) == 1 and letter.isalpha()):
        raise ValidationError(say(N_("Enter one letter, or leave this empty.")))


def _same_email(form: FlaskForm, field: Field) -> None:
    if field.data.casefold() != form.email.data.casefold():
        raise ValidationError(say(N_("The two email addresses are not the same.")))


def _phone(_form: FlaskForm, field: Field) -> None:
    if field.data and not phone_e164(field.data):
        message = N_("Enter a number such as 919-555-0123, or one with + and the country code.")
        raise ValidationError(say(message))
