"""What is typed about oneself; which fields there are depends on the kind of account."""

from typing import Any

from wtforms import Field, SelectField, ValidationError

from idp.foundation.language import N_
from idp.people.accounts.postal import STATES, is_zip
from idp.people.accounts.rules import EMPLOYEE_TYPES
from idp.web.forms import Form, text_field
from idp.web.language import say
from idp.web.personal_fields import (
    PlainName,
    business_name_field,
    business_role_field,
    composed,
    first_name_field,
    language_field,
    last_name_field,
    middle_initial_field,
    mobile_number_field,
    prefix_field,
    suffix_field,
)

_LONGEST_STREET = 200
_LONGEST_CITY = 100
ADDRESS = ("street_address", "city", "state", "postal_code")
_MISSING = {
    "street_address": N_("Enter street and number, or leave the whole address empty."),
    "city": N_("Enter the city, or leave the whole address empty."),
    "state": N_("Choose the state, or leave the whole address empty."),
    "postal_code": N_("Enter the ZIP code, or leave the whole address empty."),
}


def _zip(_form: Form, field: Field) -> None:
    if field.data and not is_zip(field.data):
        raise ValidationError(say(N_("Enter a ZIP code such as 27601 or 27601-1234.")))


def _known_state(_form: Form, field: Field) -> None:
    if field.data and field.data not in STATES:
        raise ValidationError(say(_MISSING["state"]))


class NameFields(Form):
    """The person's name."""

    prefix = prefix_field()
    first_name = first_name_field()
    middle_initial = middle_initial_field()
    last_name = last_name_field()
    suffix = suffix_field()


class BusinessFields(Form):
    """Which business the person acts for."""

    business_name = business_name_field()
    business_role = business_role_field()


class ContactForm(Form):
    """How to reach the person: all that an employee changes without help."""

    mobile_number = mobile_number_field()
    language = language_field()
    street_address = text_field(
        N_("Street address"), PlainName(_LONGEST_STREET), autocomplete="address-line1"
    )
    city = text_field(N_("City"), PlainName(_LONGEST_CITY), autocomplete="address-level2")
    state = SelectField(
        N_("State or territory"),
        choices=dict(STATES),
        validators=[_known_state],
        validate_choice=False,
        render_kw={"autocomplete": "address-level1"},
    )
    postal_code = text_field(N_("ZIP code"), _zip, autocomplete="postal-code")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that an address is whole or missing."""
        is_valid: bool = super().validate(extra_validators)
        address = [self[name] for name in ADDRESS]
        missing = [field for field in address if not field.data and not field.errors]
        if len(missing) in {0, len(address)}:
            return is_valid
        for field in missing:
            field.errors = [say(_MISSING[field.name])]
        return False

    def values(self) -> dict[str, str]:
        """Return what was typed: composed letters (NFC), single spaces."""
        return {field.name: composed(field.data) for field in self if field.name != "csrf_token"}


class PersonForm(NameFields, ContactForm):
    """What individuals say about themselves."""


class BusinessForm(NameFields, BusinessFields, ContactForm):
    """What those who act for a business say."""


def form_class(account_type: str) -> type[ContactForm]:
    """Return the form for a kind of account."""
    if account_type in EMPLOYEE_TYPES:
        return ContactForm
    return BusinessForm if account_type == "business" else PersonForm
