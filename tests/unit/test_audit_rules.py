"""What a record's MAC covers, and how text becomes fit for it."""

import time
import uuid

from hypothesis import example, given
from hypothesis import strategies as st

from idp.foundation.audit.events import Event
from idp.foundation.audit.model import AuditEvent
from idp.foundation.audit.rules import SIGNED, canonical, earlier_id, one_line
from idp.foundation.ids import new_id

FORBIDDEN = {"password", "code", "token", "secret", "pin", "email", "username", "name"}


def test_every_column_but_the_mac_is_signed() -> None:
    assert {*SIGNED, "mac"} == {column.name for column in AuditEvent.__table__.columns}


@given(
    st.dictionaries(st.sampled_from(SIGNED), st.text(max_size=5)),
    st.dictionaries(st.sampled_from(SIGNED), st.text(max_size=5)),
)
def test_different_records_have_different_texts(
    some: dict[str, str], others: dict[str, str]
) -> None:
    empty = dict.fromkeys(SIGNED)
    first, second = {**empty, **some}, {**empty, **others}
    assert (canonical(first) == canonical(second)) == (first == second)


@example("\u2028\u2029x")
@given(st.text(max_size=300))
def test_any_text_fits_a_column_on_one_line(text: str) -> None:
    line = one_line(text, 64)
    assert line is not None
    assert len(line) <= 64
    assert len(line.splitlines()) <= 1


def test_an_earlier_id_comes_before_every_id_made_since() -> None:
    first = new_id()
    time.sleep(0.002)
    later = new_id()
    floor = earlier_id(later, 1)
    assert floor < first < later
    assert uuid.UUID(floor).int >> 80 == (uuid.UUID(later).int >> 80) - 1000
    assert earlier_id("00000000-0000-0000-0000-000000000001", 60) < first


def test_events_are_named_by_area_and_declare_no_secret() -> None:
    for event in Event:
        area, _, what = event.value.partition(".")
        assert area
        assert what
        assert not event.details & FORBIDDEN
