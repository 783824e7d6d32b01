"""What is typed by somebody who forgot a username."""

from idp.foundation.language import N_
from idp.people.accounts.rules import MAX_EMAIL
from idp.web.forms import AtMost, Form, Required, deliverable, email_field
from idp.web.personal_fields import first_name_field, last_name_field


class ForgotUsernameForm(Form):
    """Who the person is and where the mail goes."""

    first_name = first_name_field()
    last_name = last_name_field()
    email = email_field(
        N_("Email address"),
        Required(N_("Enter your email address.")),
        AtMost(MAX_EMAIL),
        deliverable,
    )
