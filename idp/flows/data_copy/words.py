"""What the printable page says instead of machine keys."""

from collections.abc import Mapping

from idp.foundation.context import Context
from idp.foundation.language import N_, translate
from idp.foundation.policy_models.access_rights import Right, Role
from idp.people.accounts import words as account_words
from idp.people.consents.words import WORDS as SCOPES

_CHANGE_STATES = {
    "waiting": N_("Not confirmed yet"),
    "confirmed": N_("Confirmed"),
    "undone": N_("Undone"),
    "dropped": N_("Given up"),
}
_CHANGE_KINDS = {
    "primary": N_("Email address"),
    "notification": N_("Second address for notices"),
}
Words = Mapping[str, Mapping[str, str]]


def of(ctx: Context) -> Words:
    """Return for each kind of key what its keys are called, in the reader's language."""
    policy = ctx.policies.access_rights
    marked = {
        "types": account_words.TYPES,
        "states": account_words.STATES,
        "scopes": SCOPES,
        "change_states": _CHANGE_STATES,
        "change_kinds": _CHANGE_KINDS,
    }
    words = {kind: _translated(texts, ctx.language) for kind, texts in marked.items()}
    return words | {
        "roles": _named(policy.roles, ctx.language),
        "rights": _named(policy.rights, ctx.language),
    }


def _translated(texts: Mapping[str, str], language: str) -> dict[str, str]:
    return {key: translate(language, text) for key, text in texts.items()}


def _named(entries: Mapping[str, Role | Right], language: str) -> dict[str, str]:
    return {key: one.es if language == "es" else one.en for key, one in entries.items()}
