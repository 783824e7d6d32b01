"""The arithmetic of the limits, without any place that counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.rate_limits.rules import Reading, countable, network_of, window_at


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_attacker_is_taken_to_own_a_network(ip: str | None, network: str) -> None:
    assert network_of(ip) == network


@given(st.floats(0, 1e10), st.integers(1, 100_000))
def test_a_moment_lies_in_exactly_one_window(now: float, seconds: int) -> None:
    window = window_at(now, seconds)
    assert 0 <= window.weight <= 1
    assert 0 <= window.seconds_left <= seconds
    assert window.number * seconds <= now + 1e-3


def test_the_window_before_counts_by_its_share() -> None:
    assert Reading(previous=10, current=5, weight=0.5, seconds_left=1).allows(11)
    assert not Reading(previous=10, current=5, weight=0.5, seconds_left=1).allows(10)


@pytest.mark.parametrize(
    ("key", "counted"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::/48", "2001:db8::/48"),
        ("every name", "every name"),
        ("", ""),
    ],
)
def test_LG_07_an_ipv6_address_counts_as_the_line_it_belongs_to(key: str, counted: str) -> None:
    assert countable(key) == counted
