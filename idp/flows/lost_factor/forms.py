"""What is typed by somebody who lost their second factor, and what they read when it fails."""

from idp.foundation.language import N_
from idp.web.forms import Form, Required, password_field
from idp.web.mailed_codes import forms as mailed_codes

WORDS = {
    **mailed_codes.WORDS,
    "sign_in_failed": N_("That password is not right. Check it and try again, or reset it."),
}


class PasswordForm(Form):
    """The password once more, before anything is ended."""

    password = password_field(
        N_("Password"), Required(N_("Enter your password.")), autocomplete="current-password"
    )
