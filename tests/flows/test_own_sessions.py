"""One's own sessions, recognised browsers and history."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from idp.flows.sessions.words import WORDS, text_of
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import own_history, record
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.browsers import service as browsers
from idp.people.sessions import listing
from idp.people.sessions import service as sessions
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    WRONG,
    Person,
    add_person,
    cookie,
    is_signed_in,
    open_page,
    sign_in,
    sign_out,
    try_password,
    use_cookie,
)
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor

_SESSIONS = "/account/sessions"
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody who signs in."""
    return add_person(ctx, clock)


def signed_in(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, user_agent: str = _FIREFOX
) -> Visitor:
    """Return a browser in which the person is signed in."""
    visitor = open_visitor()
    visitor.client.headers["User-Agent"] = user_agent
    sign_in(visitor, person)
    clock.advance(30)  # another code of the app
    return visitor


def press(page: Answer, action: str) -> Answer:
    """Press the button of the form with this action."""
    form = next(form for form in page.forms if form.action == action)
    return page.visitor.send("POST", f"{ISSUER}{action}", form.values())


def actions(page: Answer, ending: str) -> list[str]:
    """Return where the page's forms lead that end one of several things."""
    return [form.action for form in page.forms if form.action.endswith(ending)]


def test_the_page_names_this_browser_and_the_others(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    signed_in(open_visitor, person, clock, _SAFARI)
    page = open_page(signed_in(open_visitor, person, clock), _SESSIONS)
    headings = [one.text for one in page.document.all("h3")]
    assert headings[:2] == ["Firefox on Linux – this browser", "Safari on iPhone"]
    assert headings[2] == "All others at once"
    assert headings[3:] == ["Firefox on Linux – this browser", "Safari on iPhone"]
    assert "127.0.0.1" in page.text
    assert len(actions(page, "/end")) == 1


def test_the_applications_of_a_session_are_named(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    visitor = signed_in(open_visitor, person, clock)
    (session,) = listing.listed(ctx, person.id)
    names = {"en": "Provider portal", "es": "Portal de proveedores"}
    with writing(ctx.db):
        sessions.attach_client(ctx, session.id, "provider-portal", names)
    assert "Provider portal" in open_page(visitor, _SESSIONS).text
    assert "Portal de proveedores" in open_page(visitor, f"{_SESSIONS}?lang=es").text


def test_SE_07_ending_one_session_ends_it_at_once_and_no_other(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    phone = signed_in(open_visitor, person, clock, _SAFARI)
    laptop = signed_in(open_visitor, person, clock)
    page = open_page(laptop, _SESSIONS)
    done = press(page, actions(page, "/end")[0])
    assert "That sign-in is ended." in done.text
    assert not is_signed_in(phone)
    assert is_signed_in(laptop)


def test_SE_07_ending_all_others_ends_them_and_their_grants(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    others = [signed_in(open_visitor, person, clock) for _ in range(2)]
    laptop, copied = signed_in(open_visitor, person, clock), open_visitor()
    use_cookie(copied, cookie(laptop))
    others.append(copied)  # it is no session of its own
    done = press(open_page(laptop, _SESSIONS), f"{_SESSIONS}/end-others")
    assert "Every other sign-in is ended." in done.text
    assert [is_signed_in(other) for other in others] == [False, False, False]
    assert is_signed_in(laptop)
    assert "/end-others" not in done.response.text
    reasons = {one.reason for one in own_history(ctx, person.id) if one.event == "session.ended"}
    assert reasons == {"sign_out_everywhere"}


def test_a_session_of_somebody_else_is_not_ended(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    victim = signed_in(open_visitor, add_person(ctx, clock, "benito"), clock)
    theirs = listing.listed(ctx, own_id(ctx, "benito"))[0].id
    laptop = signed_in(open_visitor, person, clock)
    page = open_page(laptop, _SESSIONS)
    sent = page.forms[0].values()
    for target in (theirs, "nothing", "%00", "é" * 100):
        answer = laptop.send("POST", f"{ISSUER}{_SESSIONS}/{target}/end", sent)
        assert answer.status == 200
        assert "That had ended already." in answer.text
    assert is_signed_in(victim)


def own_id(ctx: Context, username: str) -> str:
    """Return the key of an account."""
    found = accounts.find_by_identifier(ctx, username)
    assert found
    return found.id


def test_one_cannot_end_the_session_one_is_in_by_its_address(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    laptop = signed_in(open_visitor, person, clock)
    own = listing.listed(ctx, person.id)[0].id
    sent = open_page(laptop, _SESSIONS).forms[0].values()
    laptop.send("POST", f"{ISSUER}{_SESSIONS}/{own}/end", sent)
    assert is_signed_in(laptop)


def test_MF_15_a_forgotten_browser_is_new_again(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    laptop = signed_in(open_visitor, person, clock)
    page = open_page(laptop, _SESSIONS)
    done = press(page, actions(page, "/forget")[0])
    assert "That browser is no longer recognized." in done.text
    assert "No browser is recognized at present." in done.text
    assert is_signed_in(laptop)
    sign_out(laptop)
    sign_in(laptop, person)
    assert read_mail(person.email)[0].subject == "New sign-in to your account"
    assert len(browsers.listed(ctx, person.id)) == 1


def test_MF_15_a_browser_of_somebody_else_is_not_forgotten(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    signed_in(open_visitor, add_person(ctx, clock, "benito"), clock)
    (theirs,) = browsers.listed(ctx, own_id(ctx, "benito"))
    laptop = signed_in(open_visitor, person, clock)
    sent = open_page(laptop, _SESSIONS).forms[0].values()
    answer = laptop.send("POST", f"{ISSUER}{_SESSIONS}/browsers/{theirs.id}/forget", sent)
    assert "That had ended already." in answer.text
    ctx.db.rollback()
    assert len(browsers.listed(ctx, own_id(ctx, "benito"))) == 1


def test_MF_10_ending_something_asks_for_the_factor_again_after_twenty_minutes(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    phone = signed_in(open_visitor, person, clock, _SAFARI)
    laptop = signed_in(open_visitor, person, clock)
    for _ in range(2):
        clock.advance(600)
        page = open_page(laptop, _SESSIONS)
        open_page(phone, "/account")
    asked = press(page, f"{_SESSIONS}/end-others")
    assert asked.path == "/sign-in"
    assert is_signed_in(phone)
    code = asked.submit({"username": person.username, "password": person.password})
    assert code.submit({"code": person.app.code()}, button="Continue").path == _SESSIONS


def rows(page: Answer) -> list[str]:
    """Return what the history's page says happened, the newest first."""
    table = next(page.document.all("tbody"))
    return [next(iter(row.all("td"))).text for row in table.all("tr")]


def test_LX_04_people_read_what_happened_to_their_account(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    try_password(open_visitor(), person.username, WRONG)
    clock.advance(1)
    laptop = signed_in(open_visitor, person, clock)
    page = open_page(laptop, "/account/activity")
    assert page.heading == "Activity"
    assert {"Signed in.", "A sign-in failed."} <= set(rows(page))
    assert "Firefox on Linux" in page.text
    assert "127.0.0.1" in page.text


@pytest.mark.parametrize(
    ("event", "outcome", "reason", "words"),
    [
        (
            Event.RECOVERY_ASKED,
            Outcome.DENIED,
            "recovery_too_many",
            "Replacing the second factor was tried, but did not begin.",
        ),
        (
            Event.USERNAME_REMINDED,
            Outcome.SUCCESS,
            "too_often",
            "The username was asked for, but not sent again so soon.",
        ),
        (
            Event.EMAIL_CHANGED,
            Outcome.FAILURE,
            "code_not_accepted",
            "Another email address was not confirmed.",
        ),
        (
            Event.SESSION_ENDED,
            Outcome.SUCCESS,
            "idle",
            "A session ended because nothing was done in it.",
        ),
    ],
)
def test_LX_04_what_was_not_done_does_not_read_as_done(
    event: Event, outcome: Outcome, reason: str, words: str
) -> None:
    assert text_of(event, outcome, reason) == words


def test_the_history_has_pages_and_is_only_ones_own(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    benito = add_person(ctx, clock, "benito")
    with writing(ctx.db):
        for _ in range(65):
            record(ctx, Event.MFA_LOCKED, subject_id=person.id)
        record(ctx, Event.MFA_DISABLED, subject_id=benito.id)
    page = open_page(signed_in(open_visitor, person, clock), "/account/activity")
    seen = rows(page)
    assert len(seen) == 30
    while "Older" in page.response.text:
        page = page.click("Older")
        seen += rows(page)
    assert seen.count("The second factor was locked after several wrong codes.") == 65
    assert "A passkey or the authenticator apps were turned off." not in seen
    assert rows(page.click("Newest")) == seen[:30]


@pytest.mark.parametrize("before", ["x", "", "%00", "' OR 1=1 --", "9" * 400, "é"])
def test_RG_10_an_odd_place_in_the_history_is_still_a_page(
    before: str, open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    laptop = signed_in(open_visitor, person, clock)
    answer = laptop.send("GET", f"{ISSUER}/account/activity", {"before": before})
    assert answer.status in {200, 400}


def test_what_staff_did_is_shown_without_where_they_sat(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    desk = replace(ctx, origin=Origin(ip="198.51.100.77", user_agent=_SAFARI, actor_id="desk"))
    with writing(desk.db):
        record(desk, Event.MFA_DISABLED, subject_id=person.id)
    page = open_page(signed_in(open_visitor, person, clock), "/account/activity")
    assert "A passkey or the authenticator apps were turned off." in rows(page)
    assert "198.51.100.77" not in page.text
    assert "iPhone" not in page.text


def test_the_pages_speak_spanish(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    laptop = signed_in(open_visitor, person, clock)
    page = open_page(laptop, f"{_SESSIONS}?lang=es")
    assert page.heading == "Sesiones y navegadores"
    assert "Firefox en Linux – este navegador" in page.text
    history = open_page(laptop, "/account/activity")
    assert history.heading == "Actividad"
    assert "Se inició sesión." in rows(history)


@pytest.mark.parametrize("path", [_SESSIONS, "/account/activity"])
def test_who_is_not_signed_in_is_asked_to(path: str, visitor: Visitor) -> None:
    assert open_page(visitor, path).path == "/sign-in"


# Of one's own account, but shown by another record of the same moment, or of no use to a person.
_NOT_SHOWN = re.compile(
    r"(session\.(started|extended)|mfa\.succeeded|password\.(rehashed|reset_proven)|registration\.|oidc\.|client\."
    r"|key\.|audit\.)"
)


def test_every_event_of_an_account_has_words(app: Flask) -> None:
    silent = {event for event in Event if event not in WORDS and not _NOT_SHOWN.match(event)}
    assert not silent, silent
