"""The check digit of a provider's number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.organizations.rules import is_npi


@pytest.mark.parametrize("npi", ["1234567893", "1245319599", "1992999825"])
def test_a_number_with_the_right_check_digit_is_an_npi(npi: str) -> None:
    assert is_npi(npi)


@pytest.mark.parametrize(
    "text",
    [
        "", "123456789", "12345678930", "1234567890", "0234567893", "3234567893", "123456789x",
        "1234567893 ", "１２３４５６７８９３", "-123456789",
    ],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    assert not is_npi(text)


@given(st.integers(min_value=1_000_000_00, max_value=2_999_999_99))
def test_exactly_one_check_digit_fits(stem: int) -> None:
    assert sum(is_npi(f"{stem}{digit}") for digit in range(10)) == 1


@given(st.integers(min_value=0, max_value=9), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_always_noticed(place: int, shift: int) -> None:
    npi = "1234567893"
    wrong = npi[:place] + str((int(npi[place]) + shift) % 10) + npi[place + 1 :]
    assert not is_npi(wrong)
