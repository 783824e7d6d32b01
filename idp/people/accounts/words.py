"""What types and states of an account are called, as marked texts."""

from collections.abc import Mapping

from idp.foundation.language import N_

TYPES: Mapping[str, str] = {
    "individual": N_("Individual"),
    "business": N_("Business"),
    "state": N_("State employee"),
    "local": N_("Local government employee"),
}
# Those in which somebody can be signed in.
STATES: Mapping[str, str] = {
    "active": N_("In use"),
    "pending_mfa": N_("In use, but without a second factor"),
}
