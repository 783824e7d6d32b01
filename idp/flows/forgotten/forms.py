"""What is typed by somebody who forgot a username."""

from idp.foundation.language import N_
from idp.web.forms import Form
from idp.web.personal_fields import first_name_field, last_name_field, new_email_field


class ForgotUsernameForm(Form):
    """Who the person is and where the mail goes."""

    first_name = first_name_field()
    last_name = last_name_field()
    email = new_email_field(N_("Email address"))
