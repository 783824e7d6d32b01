"""What is typed to close an account."""

from idp.foundation.language import N_
from idp.people.accounts.rules import MAX_IDENTIFIER
from idp.web.forms import AtMost, Form, Required, text_field

WORDS = {
    "username_wrong": N_("That is not your username. Type it as it stands above the field."),
    "closing_already": N_("This account is about to be closed already."),
}
# The roles of which one person at a place must be left.
ROLES = {
    "office_administrator": N_("Office Administrator"),
    "delegated_administrator": N_("Delegated administrator"),
}


class CloseForm(Form):
    """The username, so that nobody closes an account by one press too many."""

    username = text_field(
        N_("Type your username to confirm"),
        Required(N_("Type your username.")),
        AtMost(MAX_IDENTIFIER),
        autocapitalize="none",
        spellcheck="false",
    )
