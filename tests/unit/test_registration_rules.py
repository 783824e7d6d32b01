"""The order of the steps, what is kept of drafts, and the wait between mails."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.flows.registration.rules import (
    Step,
    draft_of,
    seconds_until_next_mail,
    step_after,
    step_owed,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TYPE = {"account_type": "individual"}
NAMES = {"username": "alice1", "first_name": "Alice", "last_name": "Lee"}
MAIL = {"email": "alice@example.org"}


@pytest.mark.parametrize(
    ("draft", "wanted", "owed"),
    [
        ({}, Step.ACCOUNT_TYPE, None),
        ({}, Step.DETAILS, Step.ACCOUNT_TYPE),
        ({}, Step.PASSWORD, Step.ACCOUNT_TYPE),
        (TYPE, Step.DETAILS, None),
        (TYPE, Step.CONTACT, Step.DETAILS),
        (TYPE | NAMES, Step.CONTACT, None),
        (TYPE | NAMES | {"last_name": ""}, Step.CONTACT, Step.DETAILS),
        (TYPE | NAMES, Step.PASSWORD, Step.CONTACT),
        (TYPE | NAMES | MAIL, Step.PASSWORD, None),
        (NAMES | MAIL, Step.PASSWORD, Step.ACCOUNT_TYPE),
        ({"account_type": "business"} | NAMES | MAIL, Step.PASSWORD, Step.DETAILS),
        (
            {"account_type": "business", "business_name": "B", "business_role": "R"} | NAMES | MAIL,
            Step.PASSWORD,
            None,
        ),
    ],
)
def test_a_step_opens_when_all_before_it_are_done(
    draft: dict[str, str], wanted: Step, owed: Step | None
) -> None:
    assert step_owed(draft, wanted) == owed


def test_steps_follow_one_another() -> None:
    assert [step_after(step) for step in Step] == [
        Step.DETAILS, Step.CONTACT, Step.PASSWORD, Step.PASSWORD,
    ]  # fmt: skip


@pytest.mark.parametrize(("seconds", "is_shown"), [(0, True), (899, True), (900, False)])
def test_a_draft_is_shown_for_fifteen_minutes(*, seconds: int, is_shown: bool) -> None:
    kept = {"values": TYPE, "typed_at": NOW.isoformat()}
    assert draft_of(kept, NOW + timedelta(seconds=seconds), 900) == (TYPE if is_shown else {})
    assert draft_of(None, NOW, 900) == {}


@pytest.mark.parametrize(
    ("mails", "passed", "wait"),
    [
        (1, 0, 30), (1, 29.5, 1), (1, 30, 0), (2, 30, 30), (2, 60, 0), (3, 60, 60), (3, 120, 0),
        (9, 119, 1), (9, 120, 0), (1, 99999, 0),
    ],
)  # fmt: skip
def test_each_mail_makes_the_next_wait_longer(mails: int, passed: float, wait: int) -> None:
    now = NOW + timedelta(seconds=passed)
    assert seconds_until_next_mail(mails, NOW, now, (30, 60, 120)) == wait
