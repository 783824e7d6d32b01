"""What is typed to manage authenticators."""

from idp.foundation.language import N_
from idp.web.forms import AtMost, Form, Required, text_field

_LONGEST_NAME = 64


class NameForm(Form):
    """Another name for an authenticator."""

    name = text_field(N_("Name"), Required(N_("Give it a name.")), AtMost(_LONGEST_NAME))
