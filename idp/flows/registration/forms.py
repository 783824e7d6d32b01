"""What is typed to register, a form for each step."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectField, StringField, ValidationError

from idp.flows.registration import rules
from idp.foundation.language import N_
from idp.people.accounts.rules import phone_e164, plain_name_error, username_error
from idp.web.context import parts
from idp.web.forms import (
    AtMost,
    Form,
    Required,
    deliverable,
    email_field,
    phone_field,
    text_field,
)
from idp.web.language import say
from idp.web.new_passwords import NewPasswordForm

ACCOUNT_TYPES = {
    "individual": N_("For myself"),
    rules.BUSINESS: N_("For a business or a health care provider"),
    rules.EMPLOYEE: N_("For my work as a state or local government employee"),
}
LANGUAGE_NAMES = {"en": "English", "es": "Español"}
_USERNAME_WORDS = {
    "username_length": N_("Use %(least)s to %(most)s characters for your username."),
    "username_alphabet": N_(
        "Begin your username with a letter from a to z. After it, use letters from a to z, digits, "
        "dots, hyphens and underscores."
    ),
    "username_reserved": N_("This name is kept for the service itself. Choose another one."),
}
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


def _username(_form: FlaskForm, field: Field) -> None:
    policy = parts().policies.accounts
    key = username_error(
        field.data,
        min_length=policy.username_min_length,
        max_length=policy.username_max_length,
        reserved=frozenset(policy.reserved_usernames),
    )
    if key:
        least, most = policy.username_min_length, policy.username_max_length
        raise ValidationError(say(_USERNAME_WORDS[key], least=least, most=most))


def username_field(label: str) -> StringField:
    """Return the line for a new username."""
    return text_field(
        label,
        Required(N_("Choose a username.")),
        _username,
        autocomplete="username",
        autocapitalize="none",
        spellcheck="false",
    )


class _Name:
    """Refuse text that cannot stand as a name in pages, records and mails."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if key := plain_name_error(field.data, self._length):
            raise ValidationError(say(_NAME_WORDS[key], length=self._length))


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


class StepForm(Form):
    """Parent of the steps whose values are kept between pages."""

    def kept(self) -> dict[str, str]:
        """Return what was typed: composed letters (NFC), single spaces."""
        typed: dict[str, Any] = {
            field.name: field.data for field in self if field.name not in _NOT_KEPT
        }
        return {
            name: " ".join(unicodedata.normalize("NFC", text or "").split())
            for name, text in typed.items()
        }


_NOT_KEPT = frozenset({"csrf_token", "confirm_email"})


class AccountTypeForm(StepForm):
    """What the account is for."""

    account_type = RadioField(
        N_("What will you use the account for?"),
        choices=ACCOUNT_TYPES,
        validators=[OneOf(N_("Choose what you will use the account for."))],
        validate_choice=False,
    )


class DetailsForm(StepForm):
    """Username and name."""

    username = username_field(N_("Username"))
    prefix = text_field(
        N_("Title, such as Dr. or Ms."), _Name(_LONGEST["affix"]), autocomplete="honorific-prefix"
    )
    first_name = text_field(
        N_("First name"),
        Required(N_("Enter your first name.")),
        _Name(_LONGEST["name"]),
        autocomplete="given-name",
    )
    middle_initial = text_field(N_("Middle initial"), _one_letter, autocomplete="additional-name")
    last_name = text_field(
        N_("Last name"),
        Required(N_("Enter your last name.")),
        _Name(_LONGEST["name"]),
        autocomplete="family-name",
    )
    suffix = text_field(
        N_("Suffix, such as Jr. or III"), _Name(_LONGEST["affix"]), autocomplete="honorific-suffix"
    )


class BusinessDetailsForm(DetailsForm):
    """The same, and which business the person acts for."""

    business_name = text_field(
        N_("Name of the business or provider"),
        Required(N_("Enter the name of the business or provider.")),
        _Name(_LONGEST["business_name"]),
        autocomplete="organization",
    )
    business_role = text_field(
        N_("Your role there"),
        Required(N_("Enter your role in the business.")),
        _Name(_LONGEST["business_role"]),
        autocomplete="organization-title",
    )


class ProvenContactForm(StepForm):
    """How to reach somebody whose mailbox is proven already."""

    mobile_number = phone_field(N_("Mobile number"), _phone)
    language = SelectField(
        N_("Language of the messages we send you"),
        choices=LANGUAGE_NAMES,
        validators=[OneOf(N_("Choose a language."))],
        validate_choice=False,
        render_kw={"autocomplete": "language"},
    )


class ContactForm(ProvenContactForm):
    """How to reach the person."""

    email = email_field(
        N_("Email address"),
        Required(N_("Enter your email address.")),
        AtMost(_LONGEST["email"]),
        deliverable,
    )
    confirm_email = email_field(
        N_("Email address again"),
        Required(N_("Enter your email address once more.")),
        _same_email,
    )


class PasswordForm(NewPasswordForm):
    """The password, and the terms of use."""

    accept_terms = BooleanField(
        N_("I accept the terms of use"),
        validators=[Required(N_("To have an account, accept the terms of use."))],
    )
