"""What is typed by somebody who forgot a username."""

from idp.foundation.language import N_
from idp.people.accounts.rules import MAX_EMAIL
from idp.web.forms import AtMost, Form, Required, deliverable, email_field, text_field

_LONGEST_NAME = 100


class ForgotUsernameForm(Form):
    """Who the person is and where the mail goes."""

    first_name = text_field(
        N_("First name"),
        Required(N_("Enter your first name.")),
        AtMost(_LONGEST_NAME),
        autocomplete="given-name",
    )
    last_name = text_field(
        N_("Last name"),
        Required(N_("Enter your last name.")),
        AtMost(_LONGEST_NAME),
        autocomplete="family-name",
    )
    email = email_field(
        N_("Email address"),
        Required(N_("Enter your email address.")),
        AtMost(MAX_EMAIL),
        deliverable,
    )
