"""What pages say of a password that is refused: every unmet rule at once, at its field."""

from collections.abc import Sequence

from wtforms import Field

from idp.foundation.language import N_
from idp.foundation.policy_models.password import PasswordProfile
from idp.web.language import say

WORDS = {
    "too_short": N_("Use at least %(least)s characters."),
    "too_long": N_("Use at most %(most)s characters."),
    "characters": N_("Leave out characters that cannot be seen, such as tabs."),
    "categories": N_(
        "Use at least %(kinds)s of these: capital letters, small letters, digits, symbols or "
        "spaces, letters of an alphabet without capitals."
    ),
    "personal": N_("Leave out your username and every part of your name, backwards as well."),
    "sequence": N_("Leave out rows such as 123, abcd or aaa."),
    "common_word": N_(
        "Most of this is one common word. Use several words that do not belong together."
    ),
    "common": N_("Attackers know this password and try it first. Choose another one."),
    "used_before": N_("You have used this password before. Choose another one."),
}


def show_unmet(field: Field, unmet: Sequence[str], profile: PasswordProfile) -> None:
    """Put the words of every unmet rule (keys of credentials.rules.unmet) at the field."""
    values = {
        "least": profile.min_length,
        "most": profile.max_length,
        "kinds": profile.min_categories,
    }
    field.errors = [*field.errors, *(say(WORDS[key], **values) for key in unmet)]
