"""Which passwords are accepted: pure decisions over text.

NCID's rule: 8 characters or more, four of five categories (Active Directory's), no username, no
part of the name, no commonly used word, no frequently used sequence.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from idp.foundation.policy_models.password import PasswordProfile

CATEGORIES = ("upper", "lower", "digit", "symbol", "other")
_EQUAL_RUN = 3
_DIGIT_RUN = 3
_LETTER_RUN_ALONE = 3
_LETTER_RUN_ANYWHERE = 4
# Bytes that no accepted password can need: 128 code points of 4 bytes, and as much again for
# letters that NFC joins. Longer input is refused before anything looks at it (case LG-11).
MAX_TYPED_CODE_POINTS = 512
# Letters with a bar or joined into one, which no normalization form takes apart.
_BARRED = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "\u0131": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
_WITHOUT_APOSTROPHES = str.maketrans(dict.fromkeys("'\u2019\u02bc\u2018`\u00b4"))


@dataclass(frozen=True, slots=True)
class Personal:
    """What of the person must not stand in the password."""

    username: str = ""
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WordLists:
    """is_common_password tells whether a whole password is known; words are the commonest ones."""

    is_common_password: Callable[[str], bool]
    common_words: frozenset[str]


def normalized(password: str) -> str:
    """Return the one form of a password: NFC (NIST SP 800-63B-4 §3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


def is_too_long_to_read(password: str) -> bool:
    """Tell whether input is refused before it is normalised or hashed."""
    return len(password) > MAX_TYPED_CODE_POINTS


def unmet(
    password: str,
    profile: PasswordProfile,
    personal: Personal,
    lists: WordLists,
    *,
    name_part_min_length: int,
    common_word_min_length: int,
) -> list[str]:
    """Return the keys of every rule that the password breaks, in a fixed order; [] when none.

    Keys: too_short, too_long, characters, categories, personal, sequence, common_word, common.
    What is too long is not looked at further, so that a long text costs nothing (case LG-11).
    """
    if is_too_long_to_read(password):
        return ["too_long"]
    text = normalized(password)
    if len(text) > profile.max_length:
        return ["too_long"]
    checks: Iterable[tuple[str, bool]] = (
        ("too_short", len(text) < profile.min_length),
        ("characters", has_refused_characters(text)),
        ("categories", len(categories(text)) < profile.min_categories),
        (
            "personal",
            profile.refuses_personal and contains_personal(text, personal, name_part_min_length),
        ),
        ("sequence", profile.refuses_sequences and has_sequence(text)),
        (
            "common_word",
            profile.refuses_common_words
            and is_mostly_common_word(text, lists.common_words, common_word_min_length),
        ),
        ("common", lists.is_common_password(text)),
    )
    return [key for key, broken in checks if broken]


def has_refused_characters(text: str) -> bool:
    """Tell whether the text holds control, unassigned or surrogate characters (C*)."""
    return any(unicodedata.category(letter).startswith("C") for letter in text)


def category(letter: str) -> str | None:
    """Return which of the five categories a character of NFC text belongs to.

    Marks count with their letter, so they have none of their own.
    """
    kind = unicodedata.category(letter)
    if kind in {"Lu", "Lt"}:
        return "upper"
    if kind == "Ll":
        return "lower"
    if kind == "Nd":
        return "digit"
    if kind in {"Lo", "Lm"}:
        return "other"
    return "symbol" if kind[0] in "PS" or kind == "Zs" else None


def categories(text: str) -> set[str]:
    """Return the categories that a text has characters of."""
    return {found for letter in text if (found := category(letter))}


def folded(text: str) -> str:
    """Return text for comparing names: case folded, compatibility forms apart, without marks."""
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_BARRED)
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", apart)
        if not unicodedata.category(letter).startswith("M")
    )


def contains_personal(text: str, personal: Personal, min_length: int) -> bool:
    """Tell whether the text holds the username or a part of a name, forwards or backwards.

    min_length: letters and digits that a part must have to count.
    """
    haystack = folded(text)
    return any(
        part in haystack or part[::-1] in haystack
        for part in _personal_parts(personal)
        if sum(map(str.isalnum, part)) >= min_length
    )


def _personal_parts(personal: Personal) -> Iterable[str]:
    """Yield the username and each name as written, in its parts, and with its parts joined.

    O'Neil-Ruiz: "o'neil-ruiz", "o", "neil", "ruiz", "oneilruiz", and "oneil" beside "ruiz",
    because an apostrophe joins what other marks part.
    """
    yield folded(personal.username)
    for name in map(folded, personal.names):
        yield name
        for text in (name, name.translate(_WITHOUT_APOSTROPHES)):
            parts = "".join(c if c.isalnum() else " " for c in text).split()
            yield from parts
            yield "".join(parts)


def has_sequence(text: str) -> bool:
    """Tell whether the text holds a frequently used sequence.

    Three or more equal characters; three or more digits up or down; four or more letters up or
    down, or three that stand alone between other characters (`abc!`, not `first` or `define`).
    """
    lowered = text.casefold()
    if any(length >= _EQUAL_RUN for length, *_ in _runs(lowered, 0, lambda _: True)):
        return True
    return any(
        _has_run(lowered, step, str.isdecimal, _DIGIT_RUN, _DIGIT_RUN)
        or _has_run(lowered, step, str.isalpha, _LETTER_RUN_ALONE, _LETTER_RUN_ANYWHERE)
        for step in (1, -1)
    )


def _has_run(
    text: str, step: int, belongs: Callable[[str], bool], alone: int, anywhere: int
) -> bool:
    return any(
        length >= anywhere or (length >= alone and _stands_alone(text, start, length, belongs))
        for length, start in _runs(text, step, belongs)
    )


def _stands_alone(text: str, start: int, length: int, belongs: Callable[[str], bool]) -> bool:
    before, after = text[max(start - 1, 0) : start], text[start + length : start + length + 1]
    return not (before and belongs(before)) and not (after and belongs(after))


def _runs(text: str, step: int, belongs: Callable[[str], bool]) -> Iterable[tuple[int, int]]:
    """Yield (length, start) of each longest run whose neighbours differ by the step."""
    start = 0
    for index, (left, right) in enumerate(pairwise(text), start=1):
        if not (belongs(left) and belongs(right) and ord(right) - ord(left) == step):
            yield index - start, start
            start = index
    yield len(text) - start, start


def is_mostly_common_word(text: str, words: frozenset[str], min_length: int) -> bool:
    """Tell whether a common word makes up more than half of the text.

    Folding makes one character up to eighteen long; only lengths that words have are looked for,
    so that the work stays small whatever is typed (case LG-11).
    """
    lowered = folded(text)
    smallest = max(min_length, len(lowered) // 2 + 1)
    return any(
        lowered[start : start + length] in words
        for length in _lengths(words)
        if smallest <= length <= len(lowered)
        for start in range(len(lowered) - length + 1)
    )


@lru_cache(maxsize=4)
def _lengths(words: frozenset[str]) -> frozenset[int]:
    return frozenset(map(len, words))
