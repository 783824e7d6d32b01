"""Which factors are asked for, and what a session says about them."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.flows.mfa.rules import grouped, key_method, kinds, may_enroll, with_passkey
from idp.flows.security.rules import may_remove
from idp.people.accounts.rules import STATES
from idp.people.sessions.rules import AAL2_PHISHING_RESISTANT, acr_of

_FEW = st.integers(0, 3)


@pytest.mark.parametrize(
    ("passkeys", "apps", "codes", "expected"),
    [
        (0, 0, 0, []),
        (0, 1, 0, ["totp"]),
        (1, 0, 0, ["passkey"]),
        (0, 0, 1, ["recovery_code"]),
        (2, 2, 10, ["totp", "passkey", "recovery_code"]),
    ],
)
def test_what_somebody_has_is_what_they_are_asked_for(
    passkeys: int, apps: int, codes: int, expected: list[str]
) -> None:
    assert kinds(passkeys, apps, codes) == expected


@given(_FEW, _FEW, _FEW)
def test_where_only_passkeys_count_a_passkey_is_asked_for_and_nobody_is_left_without(
    passkeys: int, apps: int, codes: int
) -> None:
    narrowed = kinds(passkeys, apps, codes, takes_passkeys_alone=True)
    assert narrowed == (["passkey"] if passkeys else kinds(passkeys, apps, codes))


@pytest.mark.parametrize(("state", "authenticators", "codes"), [*product(STATES, (0, 1), (0, 1))])
def test_MF_10_only_who_never_had_a_factor_enrols_by_the_password_alone(
    state: str, authenticators: int, codes: int
) -> None:
    expected = (state, authenticators, codes) == ("pending_mfa", 0, 0)
    assert may_enroll(state, authenticators, codes) is expected


@pytest.mark.parametrize(("is_synced", "knew"), [*product((True, False), repeat=2)])
def test_a_passkey_is_always_the_highest_level_and_says_what_it_is(
    *, is_synced: bool, knew: bool
) -> None:
    methods = with_passkey(key_method(is_synced=is_synced), knew_password=knew)
    assert acr_of(methods) == AAL2_PHISHING_RESISTANT
    assert ("swk" in methods, "hwk" in methods) == (is_synced, not is_synced)
    assert ("pwd" in methods) is knew
    assert "otp" not in methods


@pytest.mark.parametrize(("authenticators", "may"), [(0, False), (1, False), (2, True), (12, True)])
def test_the_last_authenticator_stays(*, authenticators: int, may: bool) -> None:
    assert may_remove(authenticators) is may


def test_a_secret_is_shown_in_groups_of_four() -> None:
    assert grouped("ABCDEFGHIJ") == "ABCD EFGH IJ"
