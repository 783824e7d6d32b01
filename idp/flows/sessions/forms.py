"""Words for what was just done."""

from idp.foundation.language import N_

DONE = {
    "ended": N_("That sign-in is ended. Its applications are told."),
    "others_ended": N_("Every other sign-in is ended."),
    "forgotten": N_("That browser is no longer recognized."),
    "gone": N_("That had ended already."),
}
