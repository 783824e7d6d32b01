"""Accounts that nobody uses: mails in time, archived, restored by the mailbox, closed at last."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from idp.cli.work import look_after_silent
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin
from idp.foundation.database import db, writing
from idp.foundation.mail.mailbox import KeptMail
from idp.people.accounts import dormancy
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.losing import DAY, SECOND, account_of, change, link_to, recorded
from tests.flows.signing_in import (
    PASSWORD,
    WRONG,
    Person,
    add_newcomer,
    add_person,
    enter_password,
    is_signed_in,
    open_page,
    sign_in,
    try_password,
)
from tests.flows.test_sign_in import assert_same_answer
from tests.parts.application import on_both_databases
from tests.parts.browserless import Answer, Visitor

RESTORE = "/restore-account/link"
_SOON = "Your account will be archived unless you sign in"
_ARCHIVED = "Your account was archived"
_DORMANT, _RESTORABLE = 456, 366


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with two addresses who signed in just now."""
    person = add_person(ctx, clock)
    change(ctx, person, notification_email=SECOND, last_signed_in_at=clock.now())
    return person


def silence(clock: FixedClock, read_mail: ReadMail, person: Person, *days: int) -> list[str]:
    """Let the worker work on each of these days after now; return the subjects of the mails."""
    start, mails = clock.now(), dict[str, KeptMail]()
    for day in days:
        clock.set(start + timedelta(days=day))
        mails |= {mail.id: mail for mail in read_mail(person.email)}
    return [mails[key].subject for key in sorted(mails)]


def archive(ctx: Context, person: Person, clock: FixedClock) -> None:
    """Make a person's account an archived one."""
    change(ctx, person, state="archived", archived_at=clock.now())


def restore(visitor: Visitor, person: Person, read_mail: ReadMail) -> Answer:
    """Type the right password and open the link that comes; return its page."""
    enter_password(visitor, person)
    return visitor.open(link_to(read_mail(person.email), RESTORE))


def test_mails_go_out_90_30_21_and_7_days_before_it_is_archived(
    ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    days = (365, 366, 425, 426, 434, 435, 448, 449, 455)
    assert silence(clock, read_mail, person, *days) == [_SOON] * 4
    account = account_of(ctx, person)
    assert (account.state, account.dormant_notices) == ("active", 4)
    clock.advance(DAY)
    for address in (person.email, SECOND):
        assert read_mail(address)[0].subject == _ARCHIVED
    assert account_of(ctx, person).state == "archived"
    assert recorded(ctx, "account.") == ["account.dormant"] * 4 + ["account.archived"]


@pytest.mark.parametrize(
    ("day", "mails"), [(365, 0), (366, 1), (425, 1), (426, 2), (435, 3), (448, 3), (449, 4)]
)
def test_each_mail_has_its_day(
    ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail, day: int, mails: int
) -> None:
    days = [due for due in (366, 426, 435, 449) if due < day]
    assert len(silence(clock, read_mail, person, *days, day)) == mails


def test_a_mail_names_the_day_in_the_persons_language(
    ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    change(ctx, person, language="es")
    clock.advance(366 * DAY)
    mail = read_mail(person.email)[0]
    assert mail.subject == "Su cuenta se archivará si no inicia sesión"
    assert "1 de junio de 2027" in mail.text
    assert "puede recuperarla hasta el 1 de junio de 2028" in mail.text


def test_a_sign_in_ends_the_count(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    assert silence(clock, read_mail, person, 366, 426) == [_SOON] * 2
    sign_in(visitor, person)
    assert account_of(ctx, person).dormant_notices == 0
    assert silence(clock, read_mail, person, 30, 365) == [_SOON] * 2 + [
        "New sign-in to your account"
    ] * (len(read_mail(person.email)) - 2)
    assert account_of(ctx, person).state == "active"


def test_after_the_service_was_away_nobody_is_archived_unannounced(
    ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    assert silence(clock, read_mail, person, 600, 659) == [_SOON]
    assert silence(clock, read_mail, person, 1, 10, 24) == [_SOON] * 4
    assert account_of(ctx, person).state == "active"
    assert silence(clock, read_mail, person, 6)[-1] == _SOON
    clock.advance(DAY)
    assert read_mail(person.email)[0].subject == _ARCHIVED


def test_who_never_signed_in_is_counted_from_the_beginning(
    ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    newcomer = add_newcomer(ctx, clock)
    assert silence(clock, read_mail, newcomer, 365) == []
    assert silence(clock, read_mail, newcomer, 1) == [_SOON]


@pytest.mark.parametrize("account_type", ["state", "local"])
def test_employees_are_their_administrators_business(
    ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail, account_type: str
) -> None:
    change(ctx, person, account_type=account_type)
    assert silence(clock, read_mail, person, 366, 426, 435, 449, 456) == []
    assert account_of(ctx, person).state == "active"


@pytest.mark.parametrize("state", ["suspended", "invited"])
def test_other_states_are_left_alone(
    ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail, state: str
) -> None:
    change(ctx, person, state=state)
    assert silence(clock, read_mail, person, 366, 900) == []
    assert account_of(ctx, person).state == state


def test_a_restored_account_signs_in_again(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    archive(ctx, person, clock)
    page = restore(visitor, person, read_mail)
    assert page.heading == "Bring your account back"
    assert account_of(ctx, person).state == "archived"
    done = page.submit(button="Bring my account back")
    assert done.heading == "Your account is back"
    assert not is_signed_in(visitor)
    assert read_mail(person.email)[0].subject == "Your account is back"
    account = account_of(ctx, person)
    assert (account.state, account.archived_at) == ("active", None)
    assert sign_in(open_visitor(), person).path == "/account"
    assert recorded(ctx, "account.") == ["account.restore_offered", "account.restored"]


def test_the_way_back_in_spanish(
    open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    change(ctx, person, language="es")
    archive(ctx, person, clock)
    visitor = open_visitor("es")
    page = restore(visitor, person, read_mail)
    assert read_mail(person.email)[0].subject == "Recuperar su cuenta"
    done = page.submit(button="Recuperar mi cuenta")
    assert done.heading == "Su cuenta está de vuelta"


@pytest.mark.parametrize("typed", ["rosario", "rosario@example.org"])
def test_LG_08_the_right_password_of_an_archived_account_reads_like_a_wrong_one(
    open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail, typed: str,
) -> None:  # fmt: skip
    archive(ctx, person, clock)
    right = try_password(open_visitor(), typed, PASSWORD)
    wrong = try_password(open_visitor(), typed, WRONG)
    unknown = try_password(open_visitor(), "nobody99", WRONG)
    assert right.status == 422
    assert_same_answer(right, wrong, typed, typed)
    assert_same_answer(right, unknown, typed, "nobody99")
    assert len(read_mail(person.email)) == 1


def test_RC_11_a_forgotten_password_of_an_archived_account_brings_the_link_and_no_more(
    open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    archive(ctx, person, clock)
    own, unknown = (
        open_page(open_visitor(), "/forgot-password").submit({"username": name})
        for name in (person.username, "nobody99")
    )
    assert_same_answer(own, unknown, person.username, "nobody99")
    (mail,) = read_mail(person.email)
    assert mail.subject == "Bring your account back"
    back = open_visitor().open(link_to([mail], RESTORE)).submit(button="Bring my account back")
    assert not is_signed_in(back.visitor)
    assert account_of(ctx, person).state == "active"
    assert enter_password(open_visitor(), person).path == "/sign-in/mfa"


def test_RC_12_the_link_is_mailed_once_a_day_at_most(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    archive(ctx, person, clock)
    for seconds, mails in ((0, 1), (60, 1), (DAY - 61, 1), (1, 2)):
        clock.advance(seconds)
        enter_password(visitor, person)
        assert len(read_mail(person.email)) == mails


def test_a_wrong_password_or_a_locked_person_gets_no_link(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    archive(ctx, person, clock)
    for _ in range(6):
        try_password(visitor, person.username, WRONG)
    try_password(visitor, person.email, person.password)
    assert read_mail(person.email) == []


def test_RC_02_the_link_works_once_and_for_a_day(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    archive(ctx, person, clock)
    enter_password(visitor, person)
    link = link_to(read_mail(person.email), RESTORE)
    clock.advance(DAY)
    assert visitor.open(link).status == 410
    page = restore(open_visitor(), person, read_mail)
    assert page.submit(button="Bring my account back").status == 200
    again = link_to(read_mail(person.email), RESTORE)
    assert open_visitor().open(again).status == 410


@on_both_databases
def test_RC_02_of_two_with_the_link_at_once_one_wins(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    archive(ctx, person, clock)
    first = restore(visitor, person, read_mail)
    second = open_visitor().open(link_to(read_mail(person.email), RESTORE))
    with ThreadPoolExecutor(2) as pool:
        pages = list(
            pool.map(lambda page: page.submit(button="Bring my account back"), (first, second))
        )
    assert sorted(page.status for page in pages) == [200, 410]


@on_both_databases
def test_an_address_that_somebody_else_has_by_now_is_not_taken_from_them(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    archive(ctx, person, clock)
    page = restore(visitor, person, read_mail)
    other = add_person(ctx, clock, "somebody")
    change(ctx, other, email=person.email, email_key=person.email)
    refused = page.submit(button="Bring my account back")
    assert refused.heading == "This account cannot be brought back here"
    assert account_of(ctx, person).state == "archived"


def test_who_never_enrolled_a_factor_enrols_one_after_coming_back(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    newcomer = add_newcomer(ctx, clock)
    archive(ctx, newcomer, clock)
    restore(visitor, newcomer, read_mail).submit(button="Bring my account back")
    assert enter_password(visitor, newcomer).path == "/mfa/enroll"


def test_after_twelve_months_it_is_closed_for_good(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    archive(ctx, person, clock)
    clock.advance(_RESTORABLE * DAY - 1)
    read_mail(person.email)
    assert account_of(ctx, person).state == "archived"
    clock.advance(1)
    assert read_mail(person.email)[0].subject == "Your account is closed"
    account = account_of(ctx, person)
    assert (account.state, account.email, account.username_key) == ("closed", "", "rosario")
    assert recorded(ctx, "account.") == ["account.closed"]


@on_both_databases
def test_two_workers_at_once_write_archive_and_close_once_in_short_batches(
    app: Flask, ctx: Context, clock: FixedClock
) -> None:
    for name in ("person.one", "person.two", "person.three"):
        change(ctx, add_person(ctx, clock, name), last_signed_in_at=clock.now())
    for days in (366, 60, 9, 14):
        clock.advance(days * DAY)
        assert _by_two_workers(app, ctx, dormancy.write_to_silent) == 3
    clock.advance(7 * DAY)
    assert _by_two_workers(app, ctx, dormancy.archive_silent) == 3
    clock.advance(_RESTORABLE * DAY)
    assert _by_two_workers(app, ctx, dormancy.close_archived) == 3
    look_after_silent(ctx)
    assert sorted(recorded(ctx, "account.")) == (
        ["account.archived"] * 3 + ["account.closed"] * 3 + ["account.dormant"] * 12
    )


def _by_two_workers(app: Flask, ctx: Context, step: Callable[..., int]) -> int:
    """Let two workers take a step at once until nothing is left; return how many they took."""
    with app.app_context():
        engine = db.engine

    def work() -> int:
        with Session(engine) as session:
            own, taken = ctx.parts.context(session, Origin.system("worker")), 0
            while True:
                with writing(session):
                    found = step(own, limit=2)
                if not found:
                    return taken
                taken += found

    ctx.db.rollback()
    with ThreadPoolExecutor(2) as pool:
        return sum(one.result() for one in [pool.submit(work) for _ in range(2)])
