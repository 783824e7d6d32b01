"""What is typed to ask for a mailed code, and the code itself."""

from idp.foundation.language import N_
from idp.people.accounts.rules import MAX_IDENTIFIER
from idp.web.forms import AtMost, Form, Required, code_field, text_field

_LONGEST_CODE = 64

WORDS = {
    "code_not_accepted": N_("That code does not work. Enter the newest code, or send a new one."),
    "wait": N_("Please wait before you ask for another code. Seconds left: %(seconds)s."),
}


class IdentifierForm(Form):
    """Whose account it is about."""

    username = text_field(
        N_("Username or email address"),
        Required(N_("Enter your username or email address.")),
        AtMost(MAX_IDENTIFIER),
        autocomplete="username",
        autocapitalize="none",
        spellcheck="false",
    )


class CodeForm(Form):
    """The code from the mail."""

    code = code_field(
        N_("Code from the email"),
        Required(N_("Enter the code from the email.")),
        AtMost(_LONGEST_CODE),
    )
