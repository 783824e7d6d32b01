"""What of a form may be kept after a session's end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.web.drafts.rules import is_kept, kept


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "confirm_password", "current-password", "Password", "code",
        "recovery_code", "support_code", "pin", "new_pin", "csrf_token", "tx", "credential",
        "client_secret", "kept_for",
    ],
)  # fmt: skip
def test_a_field_that_holds_a_secret_is_never_kept(name: str) -> None:
    assert not is_kept(name)
    assert kept({name: "typed", "email": "a@example.org"}, 1000) == {"email": "a@example.org"}


@pytest.mark.parametrize(
    "name", ["first_name", "email", "postal_code", "shipping", "opinion", "decode_me", "pinned"]
)
def test_other_fields_are_kept(name: str) -> None:
    assert is_kept(name)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=6))
def test_what_is_kept_was_typed_and_is_never_empty_or_too_much(fields: dict[str, str]) -> None:
    found = kept(fields, 200)
    assert found.items() <= fields.items()
    assert not found or any(text.strip() for text in found.values())
    assert all(is_kept(name) for name in found)


def test_a_form_without_words_is_not_kept() -> None:
    assert kept({"name": "  ", "password": "x"}, 1000) == {}
    assert kept({"name": "é" * 200}, 1000) == {}
