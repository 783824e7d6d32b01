"""How codes are read and mails are spaced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.one_time_codes.rules import mailbox_of, seconds_to_wait, typed_code

WAITS = (30, 60, 120)


@pytest.mark.parametrize(
    "text", ["12345678", " 1234 5678 ", "1234-5678", "1234\u20135678\r\n", "1 2 3 4 5 6 7 8"]
)
def test_a_code_is_read_as_people_copy_it(text: str) -> None:
    assert typed_code(text, 8) == "12345678"


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨", "²³⁴⁵⁶⁷⁸⁹"])
def test_anything_else_is_no_code(text: str) -> None:
    assert typed_code(text, 8) is None


@given(st.lists(st.floats(0, 200_000), max_size=200))
def test_no_pattern_of_asking_gets_more_mails_than_allowed(moments: list[float]) -> None:
    sent: list[float] = []
    for moment in sorted(moments):
        if seconds_to_wait(sent, moment, WAITS, 5, 20) <= 0:
            sent.append(moment)
    for moment in sent:
        assert sum(moment - 3600 < earlier <= moment for earlier in sent) <= 5
        assert sum(moment - 86400 < earlier <= moment for earlier in sent) <= 20


@given(st.lists(st.floats(0, 100_000), max_size=30), st.floats(0, 1000))
def test_after_the_wait_that_was_told_a_mail_may_go(moments: list[float], later: float) -> None:
    sent = sorted(moments)
    now = (sent[-1] if sent else 0) + later
    wait = seconds_to_wait(sent, now, WAITS, 5, 20)
    assert wait >= 0
    assert seconds_to_wait(sent, now + wait + 1e-3, WAITS, 5, 20) <= 1e-6


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Ana@Example.org", "ana@example.org"),
        ("ana+news@example.org", "ana@example.org"),
        ("a.n.a+x@gmail.com", "ana@gmail.com"),
        ("a.n.a@example.org", "a.n.a@example.org"),
        ("+tag@example.org", "+tag@example.org"),
    ],
)
def test_addresses_of_one_mailbox_are_counted_together(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox
