"""What is typed to change an address."""

from idp.foundation.language import N_
from idp.web.forms import Form
from idp.web.mailed_codes import forms as mailed_codes
from idp.web.personal_fields import confirm_email_field, new_email_field

WORDS = {
    **mailed_codes.WORDS,
    "same_email": N_("This is the address that we write to already."),
}


class NewEmailForm(Form):
    """The new address, twice."""

    email = new_email_field(N_("New email address"))
    confirm_email = confirm_email_field()
