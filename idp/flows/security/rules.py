"""What may be removed, and the words for what was done: pure decisions."""

from collections.abc import Mapping

from idp.foundation.language import N_

DONE: Mapping[str, str] = {
    "account_kept": N_("Your account stays. If it was not you, change your password."),
    "app_added": N_("The authenticator app was added."),
    "passkey_added": N_("The passkey was added."),
    "codes_replaced": N_("Your new recovery codes work from now on. The old ones do not."),
    "renamed": N_("The name was changed."),
    "removed": N_("It was removed and no longer signs you in."),
}


def may_remove(authenticators: int) -> bool:
    """Tell whether one of so many may go: somebody without any could not sign in any more."""
    return authenticators > 1
