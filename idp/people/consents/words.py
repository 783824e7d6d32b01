"""What each scope means, in words that a person reads before they agree.

A new version asks everybody again: give it one when a text promises something else than before.
"""

from collections.abc import Mapping

from idp.foundation.language import N_

VERSION = "2026-03"
WORDS: Mapping[str, str] = {
    "openid": N_("know you again when you come back"),
    "profile": N_("see your name, your username and your language"),
    "email": N_("see your email address"),
    "phone": N_("see your phone number"),
    "address": N_("see your postal address"),
    "ncid": N_("see your username and the type of your account"),
    "access": N_("see what you may do, and for which organizations"),
    "offline_access": N_("do this also while you are not signed in, until you take it back"),
}
