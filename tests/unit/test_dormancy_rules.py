"""When a silent person is written to, and when their account is archived."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.people.accounts import dormancy_rules as rules

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAYS = (90, 30, 21, 7)
DORMANT = 456


@pytest.mark.parametrize(
    ("step", "silent_days", "spacing"),
    [(0, 366, None), (1, 426, 60), (2, 435, 9), (3, 449, 14), (4, 456, 7)],
)
def test_each_step_is_due_so_many_days_before_and_keeps_its_distance(
    step: int, silent_days: int, spacing: int | None
) -> None:
    assert rules.silent_since(step, NOW, DORMANT, DAYS) == NOW - timedelta(days=silent_days)
    before = rules.noticed_before(step, NOW, DAYS)
    assert before == (None if spacing is None else NOW - timedelta(days=spacing))


@pytest.mark.parametrize(("step", "days"), list(enumerate(DAYS)))
def test_a_notice_names_the_day_of_the_archiving(step: int, days: int) -> None:
    assert rules.archives_at(step, NOW, DAYS) == NOW + timedelta(days=days)


def test_the_steps_one_after_the_other_end_on_the_dormant_day() -> None:
    first = rules.silent_since(0, NOW, DORMANT, DAYS)
    waits = [
        NOW - before for step in range(1, 5) if (before := rules.noticed_before(step, NOW, DAYS))
    ]
    assert (NOW - first) + sum(waits, timedelta()) == timedelta(days=DORMANT)
