"""The filter of breached passwords that an operator may build."""

import hashlib
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.cli import main
from idp.people.credentials import breached_passwords
from idp.people.credentials.breached_passwords import BreachedFilterBad, ListEmpty

KNOWN = "Blue-kettle 7"


def sha1(password: str) -> str:
    """Return a password as the public lists have it."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def built(folder: Path, text: str, at_least: int = 1) -> Path:
    """Build a filter of a list's text; return where it is."""
    source, target = folder / "list.txt", folder / "breached.filter"
    source.write_bytes(text.encode())
    breached_passwords.build(source, target, at_least=at_least)
    return target


@pytest.mark.parametrize(
    "line", [f"{sha1(KNOWN)}:3", sha1(KNOWN), sha1(KNOWN).lower(), KNOWN], ids=str.split
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_RG_16_a_listed_password_is_known_whichever_way_it_is_listed(
    line: str, ending: str, tmp_path: Path
) -> None:
    is_known = breached_passwords.load(built(tmp_path, f"\n{sha1('other')}:9\n{line}{ending}"))
    assert is_known(KNOWN)
    assert not is_known(KNOWN.lower())
    assert not is_known("")


def test_what_was_found_too_rarely_is_left_out(tmp_path: Path) -> None:
    is_known = breached_passwords.load(
        built(tmp_path, f"{sha1('rare')}:9\n{sha1('frequent')}:10\nplain\n", at_least=10)
    )
    assert [is_known(text) for text in ("rare", "frequent", "plain")] == [False, True, True]


def test_a_plain_password_is_known_in_its_one_form(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Ñandú 7") for form in ("NFC", "NFD"))
    assert breached_passwords.load(built(tmp_path, decomposed))(composed)


def test_a_thousand_listed_passwords_are_all_known_and_hardly_any_other(tmp_path: Path) -> None:
    listed = "\n".join(f"{sha1(f'listed {number}')}:1" for number in range(1000))
    is_known = breached_passwords.load(built(tmp_path, listed))
    assert all(is_known(f"listed {number}") for number in range(1000))
    assert sum(is_known(f"other {number}") for number in range(10_000)) < 20


@pytest.mark.parametrize("text", ["", "\n\r\n", f"{'0' * 40}:4\n"])
def test_a_list_without_a_password_that_counts_builds_nothing(text: str, tmp_path: Path) -> None:
    with pytest.raises(ListEmpty):
        built(tmp_path, text, at_least=5)
    assert not (tmp_path / "breached.filter").exists()


@pytest.mark.parametrize("cut", [0, 10, -1])
def test_a_filter_that_was_cut_short_is_refused(cut: int, tmp_path: Path) -> None:
    target = built(tmp_path, KNOWN)
    target.write_bytes(target.read_bytes()[:cut])
    with pytest.raises(BreachedFilterBad, match="damaged"):
        breached_passwords.check(target)


def test_a_filter_with_one_wrong_bit_or_a_missing_one_is_refused(tmp_path: Path) -> None:
    target = built(tmp_path, KNOWN)
    content = bytearray(target.read_bytes())
    content[-1] ^= 1
    target.write_bytes(content)
    with pytest.raises(BreachedFilterBad, match="build-filter"):
        breached_passwords.load(target)
    with pytest.raises(BreachedFilterBad, match="No such file"):
        breached_passwords.check(tmp_path / "nowhere")


def test_the_command_builds_a_filter_and_says_how_many_it_knows(tmp_path: Path) -> None:
    source, target = tmp_path / "list.txt", tmp_path / "breached.filter"
    source.write_text(f"{sha1(KNOWN)}:12\n{sha1('rare')}:1\n", encoding="utf-8")
    arguments = ["passwords", "build-filter", str(source), str(target), "--at-least", "10"]
    answer = CliRunner().invoke(main, arguments)
    assert (answer.exit_code, answer.output.endswith(": 1\n")) == (0, True)
    assert breached_passwords.load(target)(KNOWN)


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere.txt", "No such file"), ("empty.txt", "has no password")]
)
def test_the_command_says_why_it_builds_nothing(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    arguments = ["passwords", "build-filter", str(tmp_path / name), str(tmp_path / "out")]
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 1
    assert words in answer.output
