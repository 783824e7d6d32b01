"""Who may begin to replace a lost factor."""

import pytest

from idp.people.accounts.rules import STATES
from idp.people.lost_factors.rules import refusal


@pytest.mark.parametrize("state", [state for state in STATES if state != "active"])
def test_only_an_active_account_has_a_factor_to_lose(state: str) -> None:
    assert refusal(state, is_open=False, recent=0, most=2) == "recovery_not_for_you"


@pytest.mark.parametrize(
    ("is_open", "recent", "key"),
    [
        (False, 0, None),
        (False, 1, None),
        (False, 2, "recovery_too_many"),
        (True, 1, "recovery_open"),
        (True, 2, "recovery_open"),
    ],
)
def test_one_at_a_time_and_two_in_all(is_open: bool, recent: int, key: str | None) -> None:  # noqa: FBT001
    assert refusal("active", is_open=is_open, recent=recent, most=2) == key
