"""What is typed for a second factor."""

from wtforms import HiddenField

from idp.foundation.language import N_
from idp.web.forms import AtMost, Form, Required, code_field, text_field

_LONGEST_CODE = 64
LONGEST_NAME = 64
_LONGEST_ANSWER = 32_000  # a passkey's, with the certificates that some hardware sends along
# A printed code comes from no app and no message, so nothing may offer to fill it in.
_PRINTED = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}

WORDS = {
    "totp_wrong": N_(
        "That code does not match. Wait for the next one and make sure your phone sets its time "
        "automatically."
    ),
    "recovery_code_wrong": N_(
        "That recovery code does not work. Check how it is written, or use another one: each works "
        "once."
    ),
    "passkey_wrong": N_(
        "That passkey did not work. Try again with a passkey of this account, or choose another "
        "way."
    ),
    "passkey_sign_in_failed": N_(
        "That passkey did not sign you in. Try again, or use your username and password."
    ),
    "passkey_not_made": N_(
        "The passkey was not added, because it took too long or did not fit this page. Try again."
    ),
    "passkey_known": N_("That passkey is in use already. Make one on another device."),
    "not_among_codes": N_("That is none of the codes above. Type one of them as it is written."),
}


class CodeForm(Form):
    """The code that the authenticator app shows."""

    code = code_field(
        N_("Code from your authenticator app"),
        Required(N_("Enter the code that your authenticator app shows.")),
        AtMost(_LONGEST_CODE),
    )


class RecoveryCodeForm(Form):
    """One of the printed recovery codes."""

    code = text_field(
        N_("Recovery code"),
        Required(N_("Enter one of your recovery codes.")),
        AtMost(_LONGEST_CODE),
        **_PRINTED,
    )


class PasskeyForm(Form):
    """What the browser answered for a passkey; a script fills it in."""

    credential = HiddenField(
        validators=[
            Required(
                N_(
                    "No passkey was used. Passkeys need JavaScript: allow it for this page, or "
                    "choose another way."
                )
            ),
            AtMost(_LONGEST_ANSWER),
        ]
    )


class NewPasskeyForm(PasskeyForm):
    """A name for the new passkey, and what the browser made."""

    name = text_field(
        N_("Name of this passkey"), Required(N_("Give it a name.")), AtMost(LONGEST_NAME)
    )


class EnrollForm(Form):
    """A name for the new app, and the code that shows that it holds the secret."""

    name = text_field(
        N_("Name of this app or phone"), Required(N_("Give it a name.")), AtMost(LONGEST_NAME)
    )
    code = code_field(
        N_("Code from your authenticator app"),
        Required(N_("Enter the code that your authenticator app shows.")),
        AtMost(_LONGEST_CODE),
    )


class TypedBackForm(Form):
    """One of the new recovery codes, typed back."""

    code = text_field(
        N_("Type one of the codes above"),
        Required(N_("Type one of the codes above, to show that you kept them.")),
        AtMost(_LONGEST_CODE),
        **_PRINTED,
    )
