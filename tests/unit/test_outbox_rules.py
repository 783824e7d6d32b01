"""Waiting times and payloads of the outbox."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.outbox.rules import packed, unpacked, wait_seconds


@given(st.integers(1, 100_000), st.floats(0, 0.999))
def test_a_wait_is_between_two_and_a_half_seconds_and_five_minutes(
    attempts: int, jitter: float
) -> None:
    assert 2.5 <= wait_seconds(attempts, jitter) <= 300


def test_waits_double() -> None:
    assert [wait_seconds(attempts, 0) for attempts in range(1, 9)] == [
        2.5,
        5,
        10,
        20,
        40,
        80,
        150,
        150,
    ]


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=9)
            | st.datetimes(timezones=st.just(UTC)),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=5,
        ),
        max_size=4,
    )
)
def test_a_payload_comes_back_as_it_went(payload: dict[str, object]) -> None:
    assert unpacked(packed(payload)) == payload


def test_a_payload_holds_no_foreign_types() -> None:
    assert unpacked(packed({"at": datetime(2026, 3, 2, tzinfo=UTC)}))
    with pytest.raises(TypeError, match="object"):
        packed({"thing": object()})
