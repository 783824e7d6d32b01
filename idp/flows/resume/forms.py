"""What is typed to go on after a pause."""

from idp.foundation.language import N_
from idp.web.forms import Form, Required, password_field

WORDS = {
    "sign_in_failed": N_("That password is not right. Try again, or reset your password."),
}


class ResumeForm(Form):
    """The password; whose it is, the browser's former session says."""

    password = password_field(
        N_("Password"), Required(N_("Enter your password.")), autocomplete="current-password"
    )
