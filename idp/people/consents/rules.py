"""Whether a consent is enough: pure decisions."""

from collections.abc import Collection, Iterable

from idp.people.consents.words import VERSION, WORDS


def covers(scopes: Collection[str], words_version: str, wanted: Iterable[str]) -> bool:
    """Tell whether what was allowed, in the words of today, is all that is wanted now."""
    return words_version == VERSION and set(wanted) <= set(scopes)


def together(scopes: Iterable[str], words_version: str, more: Iterable[str]) -> list[str]:
    """Return what is allowed after a person agreed to more; in old words, only what is new."""
    former = scopes if words_version == VERSION else ()
    return in_order({*former, *more})


def in_order(scopes: Collection[str]) -> list[str]:
    """Return scopes in the order in which pages name them."""
    return [scope for scope in WORDS if scope in scopes]
