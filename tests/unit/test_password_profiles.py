"""The three password profiles side by side: what each refuses, whatever else the text is."""

import unicodedata
from typing import Literal, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from idp.foundation import policies
from idp.foundation.policy_models.password import PasswordProfile
from idp.people.credentials.rules import Personal, WordLists, category, folded, unmet
from tools.places import ROOT

POLICY = policies.load(ROOT / "policies").password
NCID, NCID_2025, NIST = (POLICY.profiles[name] for name in ("ncid", "ncid-2025", "nist"))
ALL = (NCID, NCID_2025, NIST)
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = get_args(Form)
LISTS = WordLists(lambda text: folded(text) == "a very common one 7!", frozenset({"sunshine"}))
NOBODY = Personal()
# Meets every rule of every profile, and goes on meeting them when it is cut or repeated.
_GOOD = "Bk-7 wzq.Mt+4 hdy,"
_OF_KIND = {
    "upper": "BKMTΩЖÉ",
    "lower": "bkmtωжé",
    "digit": "479٤",
    "symbol": "-+.,€ ",
    "other": "漢字かア",
}

profiles = pytest.mark.parametrize("profile", ALL, ids=["ncid", "ncid-2025", "nist"])


def broken(password: str, profile: PasswordProfile, personal: Personal = NOBODY) -> set[str]:
    """Judge a password as the service does."""
    keys = unmet(
        password,
        profile,
        personal,
        LISTS,
        name_part_min_length=POLICY.name_part_min_length,
        common_word_min_length=POLICY.common_word_min_length,
    )
    assert len(keys) == len(set(keys))
    return set(keys)


@pytest.mark.parametrize(("profile", "floor"), [(NCID, 8), (NCID_2025, 14), (NIST, 15)])
def test_each_profile_has_its_floor_and_all_the_same_ceiling(
    profile: PasswordProfile, floor: int
) -> None:
    assert broken((_GOOD * 8)[: floor - 1], profile) == {"too_short"}
    for length in (floor, 128):
        assert broken((_GOOD * 8)[:length], profile) == set()
    assert broken((_GOOD * 8)[:129], profile) == {"too_long"}


@profiles
def test_length_counts_composed_letters_and_not_bytes(profile: PasswordProfile) -> None:
    text = unicodedata.normalize("NFD", ("É-7漢zôq " * 20)[:128])
    assert len(text) > 128
    assert broken(text, profile) == set()
    assert broken(text + "e\u0301", profile) == {"too_long"}
    short = unicodedata.normalize("NFD", ("É-7漢zôq " * 20)[: profile.min_length - 1])
    assert len(short) >= profile.min_length
    assert "too_short" in broken(short, profile)


@profiles
@given(text=st.text(max_size=140))
def test_composed_and_decomposed_letters_are_judged_alike(
    text: str, profile: PasswordProfile
) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert broken(composed, profile) == broken(decomposed, profile)


@profiles
@given(
    kinds=st.sets(st.sampled_from(sorted(_OF_KIND)), min_size=1),
    data=st.data(),
)
def test_four_of_the_five_categories_are_asked_for_and_by_nist_none(
    kinds: set[str], profile: PasswordProfile, data: st.DataObject
) -> None:
    letters = "".join(_OF_KIND[kind] for kind in sorted(kinds))
    drawn = data.draw(st.text(alphabet=letters, min_size=20, max_size=40))
    text = drawn + "".join(_OF_KIND[kind][0] for kind in sorted(kinds))
    assert {category(letter) for letter in text} == kinds
    assert ("categories" in broken(text, profile)) == (len(kinds) < profile.min_categories)


@profiles
@given(
    name=st.text(alphabet="áéíóúñüçøłßæžabdeglmnorst", min_size=3, max_size=12),
    form=st.sampled_from(FORMS),
    upper=st.booleans(),
    backwards=st.booleans(),
)
def test_a_name_with_diacritics_is_found_however_it_is_written(
    name: str, form: Form, profile: PasswordProfile, *, upper: bool, backwards: bool
) -> None:
    part = folded(name)[::-1] if backwards else name
    written = unicodedata.normalize(form, part.upper() if upper else part)
    keys = broken(f"Bk-7 {written}.Mt+4 wq", profile, Personal("", (name,)))
    assert ("personal" in keys) == profile.refuses_personal


@profiles
@pytest.mark.parametrize(
    "row", ["123", "987", "abcd", "zyxw", "aaa", "!!!", "٣٤٥", "αβγδ", "漢漢漢"]
)
def test_a_row_is_refused_where_the_profile_says_so(row: str, profile: PasswordProfile) -> None:
    assert ("sequence" in broken(f"Bk-7 wzq.Mt+{row}", profile)) == profile.refuses_sequences


@profiles
def test_a_common_word_is_refused_where_the_profile_says_so(profile: PasswordProfile) -> None:
    assert ("common_word" in broken("Sunshine-4!", profile)) == profile.refuses_common_words


@profiles
def test_a_known_password_is_refused_by_every_profile(profile: PasswordProfile) -> None:
    assert "common" in broken("A Very Common One 7!", profile)


@profiles
@given(text=st.text(max_size=40), more=st.text(min_size=1, max_size=10))
def test_a_longer_text_is_never_too_short_when_its_beginning_is_not(
    text: str, more: str, profile: PasswordProfile
) -> None:
    composed = unicodedata.normalize("NFC", text + more)
    assume(len(composed) >= len(unicodedata.normalize("NFC", text)))
    if "too_short" not in broken(text, profile):
        assert "too_short" not in broken(text + more, profile)
