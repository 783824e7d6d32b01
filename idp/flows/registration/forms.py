"""What is typed to register, a form for each step."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, StringField, ValidationError

from idp.flows.registration import rules
from idp.foundation.language import N_
from idp.people.accounts.rules import username_error
from idp.web.context import parts
from idp.web.forms import Form, Required, text_field
from idp.web.language import say
from idp.web.new_passwords import NewPasswordForm
from idp.web.personal_fields import (
    OneOf,
    business_name_field,
    business_role_field,
    composed,
    confirm_email_field,
    first_name_field,
    language_field,
    last_name_field,
    middle_initial_field,
    mobile_number_field,
    new_email_field,
    prefix_field,
    suffix_field,
)

ACCOUNT_TYPES = {
    "individual": N_("For myself"),
    rules.BUSINESS: N_("For a business or a health care provider"),
    rules.EMPLOYEE: N_("For my work as a state or local government employee"),
}
_USERNAME_WORDS = {
    "username_length": N_("Use %(least)s to %(most)s characters for your username."),
    "username_alphabet": N_(
        "Begin your username with a letter from a to z. After it, use letters from a to z, digits, "
        "dots, hyphens and underscores."
    ),
    "username_reserved": N_("This name is kept for the service itself. Choose another one."),
}


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


class StepForm(Form):
    """Parent of the steps whose values are kept between pages."""

    def kept(self) -> dict[str, str]:
        """Return what was typed: composed letters (NFC), single spaces."""
        typed: dict[str, Any] = {
            field.name: field.data for field in self if field.name not in _NOT_KEPT
        }
        return {name: composed(text) for name, text in typed.items()}


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
    prefix = prefix_field()
    first_name = first_name_field()
    middle_initial = middle_initial_field()
    last_name = last_name_field()
    suffix = suffix_field()


class BusinessDetailsForm(DetailsForm):
    """The same, and which business the person acts for."""

    business_name = business_name_field()
    business_role = business_role_field()


class ProvenContactForm(StepForm):
    """How to reach somebody whose mailbox is proven already."""

    mobile_number = mobile_number_field()
    language = language_field()


class ContactForm(ProvenContactForm):
    """How to reach the person."""

    email = new_email_field(N_("Email address"))
    confirm_email = confirm_email_field()


class PasswordForm(NewPasswordForm):
    """The password, and the terms of use."""

    accept_terms = BooleanField(
        N_("I accept the terms of use"),
        validators=[Required(N_("To have an account, accept the terms of use."))],
    )
