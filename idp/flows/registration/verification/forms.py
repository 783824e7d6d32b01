"""What is typed to prove a mailbox."""

from idp.flows.registration.forms import username_field
from idp.foundation.language import N_
from idp.web.forms import AtMost, Form, Required, code_field, password_field

WORDS = {
    "code_not_accepted": N_("That code does not work. Enter the newest code, or send a new one."),
    "password_wrong": N_(
        "That is not the password chosen at registration. Try again, or begin anew below."
    ),
    "username_in_password": N_("Your password contains this username. Choose another username."),
    "username_taken": N_("This username is taken. Choose another one."),
}
_LONGEST_CODE = 64


class CodeForm(Form):
    """The mailed code."""

    code = code_field(
        N_("Code from the email"), Required(N_("Enter the code.")), AtMost(_LONGEST_CODE)
    )


class ConfirmForm(Form):
    """Nothing but the button."""


class PasswordConfirmForm(Form):
    """The password chosen at registration."""

    password = password_field(
        N_("Password chosen at registration"),
        Required(N_("Enter the password chosen at registration.")),
        autocomplete="current-password",
    )


class UsernameForm(PasswordConfirmForm):
    """Another username."""

    username = username_field(N_("New username"))
