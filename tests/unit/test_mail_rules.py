"""What people typed becomes harmless, whatever it is (ML-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.mail.rules import harmless, one_line, parted, without_links


@given(st.text(max_size=500))
def test_any_text_becomes_one_short_shown_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 100
    assert len(line.splitlines()) <= 1
    assert all(character.isprintable() or character in "\u200c\u200d" for character in line)


@given(st.text(alphabet="ab.:/@w \u3002\uff0e", max_size=60))
def test_no_text_holds_what_a_mail_program_makes_a_link_of(text: str) -> None:
    line = without_links(text)
    assert "://" not in line
    assert "a.b" not in line
    assert "a@b" not in line


@pytest.mark.parametrize(
    "name", ["Ana María López-O'Neil", "J. R. Smith", "José ñ", "میلاد\u200cپور"]
)
def test_names_stay_as_they_are(name: str) -> None:
    assert without_links(name) == name


def test_initials_get_the_space_that_breaks_links() -> None:
    assert without_links("J.R. Smith") == "J. R. Smith"
    assert without_links("evil.example") == "evil. example"
    assert without_links("203.0.113.5") == "203.0.113.5"


def test_usernames_and_addresses_are_shown_exactly_but_on_one_line() -> None:
    values = {"username": "ana.lopez", "email": "ana@example.org\r\nBcc: x"}
    assert harmless(values) == {"username": "ana.lopez", "email": "ana@example.org Bcc: x"}


def test_lists_are_made_harmless_and_foreign_types_are_refused() -> None:
    assert harmless({"names": ["a.b", 3, None, True]}) == {"names": ["a. b", 3, None, True]}
    with pytest.raises(TypeError):
        harmless({"thing": object()})


@pytest.mark.parametrize("text", ["Hello", "Subject:\n\nbody", "Subject: \n\n", ""])
def test_a_template_without_subject_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="subject"):
        parted(text)


def test_a_subject_is_one_line_even_when_its_block_is_not() -> None:
    assert parted("Subject: Hello\n  you\n\n\n\nText\n\n\n\nEnd\n") == (
        "Hello you",
        "Text\n\nEnd\n",
    )
