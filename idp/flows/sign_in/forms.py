"""What is typed to sign in."""

from idp.foundation.language import N_
from idp.people.accounts.rules import MAX_IDENTIFIER
from idp.web.forms import AtMost, Form, Required, password_field, text_field

WORDS = {
    "sign_in_failed": N_(
        "That username or password is not right. Check both and try again, or reset your password."
    ),
}


class SignInForm(Form):
    """A username or an email address, and the password."""

    username = text_field(
        N_("Username or email address"),
        Required(N_("Enter your username or email address.")),
        AtMost(MAX_IDENTIFIER),
        autocomplete="username",
        autocapitalize="none",
        spellcheck="false",
    )
    password = password_field(
        N_("Password"), Required(N_("Enter your password.")), autocomplete="current-password"
    )
