"""When a session is over, and what the methods used amount to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.sessions.rules import (
    AAL1,
    AAL2,
    AAL2_PHISHING_RESISTANT,
    ACR_ORDER,
    acr_of,
    acr_satisfies,
    idle_ends_at,
    is_over,
)

BEGAN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
OVERALL = BEGAN + timedelta(hours=12)


@pytest.mark.parametrize(
    ("seconds", "wanted"), [(0, None), (899, None), (900, "idle"), (901, "idle")]
)
def test_a_session_lives_at_14_59_without_action_and_not_at_15_00(
    seconds: int, wanted: str | None
) -> None:
    assert is_over(BEGAN, OVERALL, 900, BEGAN + timedelta(seconds=seconds)) == wanted


@given(st.integers(min_value=0, max_value=43_199))
def test_it_is_so_for_any_moment_of_the_last_action(last: int) -> None:
    acted = BEGAN + timedelta(seconds=last)
    before = is_over(acted, OVERALL, 900, min(acted + timedelta(seconds=899), OVERALL))
    assert before == (None if acted + timedelta(seconds=899) < OVERALL else "overall")
    assert is_over(acted, OVERALL, 900, acted + timedelta(seconds=900)) is not None
    assert idle_ends_at(acted, 900) == acted + timedelta(seconds=900)


def test_twelve_hours_end_a_session_however_active() -> None:
    acted = OVERALL - timedelta(seconds=1)
    assert is_over(acted, OVERALL, 900, acted) is None
    assert is_over(acted, OVERALL, 900, OVERALL) == "overall"


@pytest.mark.parametrize(
    ("amr", "acr"),
    [
        ([], AAL1),
        (["pwd"], AAL1),
        (["otp"], AAL1),
        (["pwd", "mfa"], AAL1),
        (["pwd", "otp", "mfa"], AAL2),
        (["hwk"], AAL1),
        (["swk", "otp"], AAL1),
        (["hwk", "user", "mfa"], AAL2_PHISHING_RESISTANT),
        (["pwd", "swk", "user", "mfa"], AAL2_PHISHING_RESISTANT),
        (["hwk", "mfa"], AAL2_PHISHING_RESISTANT),
        (["swk", "mfa"], AAL2_PHISHING_RESISTANT),
        (["pwd", "otp", "hwk"], AAL2_PHISHING_RESISTANT),
    ],
)
def test_the_assurance_is_what_the_methods_reach(amr: list[str], acr: str) -> None:
    assert acr_of(amr) == acr


@pytest.mark.parametrize("held", range(3))
@pytest.mark.parametrize("wanted", range(3))
def test_a_higher_assurance_satisfies_a_lower_one_only(held: int, wanted: int) -> None:
    assert acr_satisfies(ACR_ORDER[held], ACR_ORDER[wanted]) == (held >= wanted)


@pytest.mark.parametrize("unknown", ["", "urn:ncid:acr:aal3", "0"])
def test_an_unknown_assurance_is_never_met_and_meets_nothing(unknown: str) -> None:
    assert not acr_satisfies(AAL2, unknown)
    assert not acr_satisfies(unknown, AAL1)
