"""Truth tables of the password policy."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation import policies
from idp.foundation.policy_models.password import PasswordProfile
from idp.people.credentials.rules import (
    CATEGORIES,
    MAX_TYPED_CODE_POINTS,
    Personal,
    WordLists,
    categories,
    category,
    contains_personal,
    folded,
    has_refused_characters,
    has_sequence,
    is_mostly_common_word,
    is_too_long_to_read,
    normalized,
    unmet,
)
from tools.places import ROOT

POLICY = policies.load(ROOT / "policies").password
NCID, NCID_2025, NIST = (POLICY.profiles[name] for name in ("ncid", "ncid-2025", "nist"))
MARIA = Personal("maria.rivera", ("María José", "O'Neil-Núñez"))
COMMON = frozenset({"basketball", "password", "sunshine", "nctracks"})
LISTS = WordLists(lambda text: folded(text) in {"p@ssw0rd", "correct horse 7"}, COMMON)
NOBODY = Personal()


def broken(password: str, profile: PasswordProfile = NCID, personal: Personal = MARIA) -> list[str]:
    """Judge a password as the service does."""
    return unmet(
        password,
        profile,
        personal,
        LISTS,
        name_part_min_length=POLICY.name_part_min_length,
        common_word_min_length=POLICY.common_word_min_length,
    )


@pytest.mark.parametrize(
    ("password", "wanted"),
    [
        ("Blue-kettle 7", []),
        ("Bk-7 wzq", []),
        ("Bk-7wzq", ["too_short"]),
        ("blue-kettle 7", ["categories"]),
        ("Bluekettles7", ["categories"]),
        ("Blue-kettle", ["categories"]),
        ("Bluekettle漢7", []),
        ("Ωblu7-kt", []),
        ("", ["too_short", "categories"]),
        ("Maria-9 wq", ["personal"]),
        ("Blue-kettle 123", ["sequence"]),
        ("P@ssw0rd", ["common"]),
        ("Basketball-9", ["common_word"]),
        ("maria123", ["categories", "personal", "sequence"]),
        ("Blue\tkettle 7", ["characters"]),
        ("Blue\u200bkettle 7", ["characters"]),
    ],
)
def test_ncid_names_every_broken_rule_at_once(password: str, wanted: list[str]) -> None:
    assert broken(password) == wanted


@pytest.mark.parametrize(
    ("profile", "password", "wanted"),
    [
        (NCID_2025, "Blue-kettle 7", ["too_short"]),
        (NCID_2025, "Blue-kettles 7", []),
        (NIST, "blue kettles now", []),
        (NIST, "blue kettles no", []),
        (NIST, "blue kettles n", ["too_short"]),
        (NIST, "maria maria maria 123", []),
        (NIST, "CORRECT HORSE 7", ["common"]),
        (NIST, "correct horse 7", ["common"]),
    ],
)
def test_other_profiles_have_their_own_rules(
    profile: PasswordProfile, password: str, wanted: list[str]
) -> None:
    assert broken(password, profile) == wanted


@pytest.mark.parametrize(
    ("length", "wanted"), [(128, []), (129, ["too_long"]), (513, ["too_long"])]
)
def test_a_hundred_and_twenty_eight_code_points_are_accepted_and_one_more_is_not(
    length: int, wanted: list[str]
) -> None:
    text = ("Bk-7 wzq" * 65)[:length]
    assert broken(text) == wanted


def test_a_decomposed_password_of_full_length_is_read() -> None:
    letters = "\u1f82Z-7 " * 26
    composed = unicodedata.normalize("NFC", letters)[:128]
    decomposed = unicodedata.normalize("NFD", composed)
    assert len(decomposed) > 128
    assert not is_too_long_to_read(decomposed)
    assert "too_long" not in broken(decomposed)


@given(st.text(max_size=40))
def test_composed_and_decomposed_letters_are_judged_alike(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert broken(composed) == broken(decomposed)
    assert normalized(composed) == normalized(decomposed)


@given(st.text(max_size=128))
def test_no_code_points_expand_beyond_what_is_read(text: str) -> None:
    assert len(unicodedata.normalize("NFD", text)) <= MAX_TYPED_CODE_POINTS


@pytest.mark.parametrize(
    ("letter", "wanted"),
    [
        ("A", "upper"), ("É", "upper"), ("Ω", "upper"), ("Ж", "upper"), ("ǅ", "upper"),
        ("a", "lower"), ("ß", "lower"), ("ж", "lower"),
        ("7", "digit"), ("٣", "digit"),
        ("-", "symbol"), ("€", "symbol"), (" ", "symbol"), ("\u00a0", "symbol"), ("😀", "symbol"),
        ("漢", "other"), ("ا", "other"), ("ア", "other"), ("ʰ", "other"),
        ("\u0301", None), ("Ⅷ", None), ("²", None), ("\n", None),
    ],
)  # fmt: skip
def test_each_character_belongs_to_one_of_the_five_categories(
    letter: str, wanted: str | None
) -> None:
    assert category(letter) == wanted


@given(st.text())
def test_categories_are_never_more_than_five(text: str) -> None:
    assert categories(text) <= set(CATEGORIES)


@given(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn"]))
def test_what_cannot_be_seen_is_refused(letter: str) -> None:
    assert has_refused_characters(f"Blue{letter}kettle 7")


@pytest.mark.parametrize(
    "text",
    [
        "abc!", "1abc", "xyabcd", "ABC-", "cba", "xdcbax", "x9876", "123", "321", "Bk123wz",
        "aaa", "AaA", "---", "   ", "111", "αβγ", "漢漢漢", "٣٤٥", "wxyz", "Hijk", "ZYX 7",
    ],
)  # fmt: skip
def test_frequently_used_sequences_are_found(text: str) -> None:
    assert has_sequence(text)


@pytest.mark.parametrize(
    "text",
    [
        "first", "define", "student", "hijack", "Blue-kettle 7", "ab", "12", "21", "aa", "a1b2c3",
        "xabcx", "135", "acegik", "890", "a-b-c", "1-2-3", "", "aabbcc", "1212",
    ],
)  # fmt: skip
def test_words_that_merely_hold_three_letters_in_a_row_are_no_sequences(text: str) -> None:
    assert not has_sequence(text)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd", "Po"]), max_size=12))
def test_a_sequence_backwards_is_a_sequence(text: str) -> None:
    if unicodedata.normalize("NFC", text.casefold()) == text:
        assert has_sequence(text) == has_sequence(text[::-1])


@pytest.mark.parametrize(
    "text",
    [
        "xx maria xx", "MARIA", "airam", "MARÍA", "maría", "mari\u0301a", "josé", "ésoj", "esoj",
        "maria.rivera", "arevir.airam", "O'Neil", "o\u2019neil", "oneil", "lieno", "neil",
        "Núñez", "NUNEZ", "zeñun", "nunez", "oneil-nunez", "mariajose", "maria jose", "ｍａｒｉａ",
    ],
)  # fmt: skip
def test_RG_15_the_username_and_parts_of_the_name_are_found_forwards_and_backwards(
    text: str,
) -> None:
    assert contains_personal(f"7-{text}W", MARIA, 3)


@pytest.mark.parametrize("text", ["mari", "rivera", "nune", "nil", "o-", "jos", ""])
def test_what_is_no_part_of_the_name_is_not_found(text: str) -> None:
    assert not contains_personal(f"7-{text}W", MARIA, 3)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("Li", "Lilac", False),
        ("Lee", "sleek", True),
        ("Łukasz", "lukasz", True),
        ("Sørensen", "nesneros", True),
        ("Weiß", "WEISS", True),
        ("van der Berg", "vanderberg", True),
        ("van der Berg", "greb", True),
        ("D'Angelo", "D'Angelo", True),
        ("D'Angelo", "angelo", True),
        ("D'Angelo", "dangelo", True),
        ("Mary-Ann", "mary-ann", True),
        ("Mary-Ann", "maryann", True),
        ("O'Ng", "o'ng", True),
        ("山田太郎", "山田太郎", True),
        ("", "anything", False),
        ("--'", "--'", False),
    ],
)
def test_names_are_compared_as_people_write_them(name: str, text: str, *, wanted: bool) -> None:
    assert contains_personal(text, Personal("", (name,)), 3) is wanted


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=3, max_size=12), st.text())
def test_a_name_is_found_wherever_it_stands(name: str, around: str) -> None:
    person = Personal("", (name,))
    if sum(map(str.isalnum, folded(name))) >= 3:
        assert contains_personal(f"7{name}7{around}", person, 3)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Password1!", True),
        ("Pässwörd1!", True),
        ("NCTracks2026!", True),
        ("sunshine-harbour", False),
        ("sunshine-harbou", True),
        ("my sunshine 4 you all", False),
        ("basket", False),
        ("", False),
    ],
)
def test_RG_16_a_common_word_that_makes_up_more_than_half_is_found(
    text: str, *, wanted: bool
) -> None:
    assert is_mostly_common_word(text, COMMON, POLICY.common_word_min_length) is wanted


def test_the_policy_knows_the_words_of_this_service() -> None:
    assert "nctracks" in POLICY.service_words
    assert POLICY.common_words >= 3000


@pytest.mark.parametrize("length", [128, 512])
def test_LG_11_a_letter_that_folds_into_eighteen_costs_no_more_than_others(length: int) -> None:
    began = time.process_time()
    keys = broken("\ufdfa" * length)
    assert time.process_time() - began < 0.2
    assert ("too_long" in keys) == (length > NCID.max_length)


def test_LG_11_what_is_too_long_is_not_looked_at_further() -> None:
    assert broken("maria.rivera123" * 10) == ["too_long"]
