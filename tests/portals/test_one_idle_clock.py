"""Fifteen minutes without any action end the session: here, and in step with the other portals."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portals.shared.activity import ActivityReporter
from portals.shared.app import create_portal
from portals.shared.clock import FixedClock
from tests.parts.browserless import Visitor
from tests.portals.fake_provider import FakeProvider
from tests.portals.story import SITES, START, URLS, Person, settings_of


def actions(provider: FakeProvider) -> list[int]:
    """Return the moments that were reported as actions, as seconds after the start."""
    return [int(one["acted_at"]) - START for one in provider.reports if "acted_at" in one]


@pytest.mark.parametrize("acted_after", [0, 1, 59, 60, 61, 600, 899])
def test_14_59_after_the_last_action_is_alive_and_15_00_is_not(
    person: Person, acted_after: int
) -> None:
    """Case SE-02, for any moment of the last action."""
    person.sign_in("recipient")
    person.portals.clock.advance(acted_after)
    assert person.open("recipient", "/help").status == 200
    person.portals.report_due("recipient")

    person.portals.clock.advance(899)
    assert person.status("recipient") == {"active": True, "seconds_left": 1}
    person.portals.clock.advance(1)
    assert person.status("recipient") == {"active": False, "seconds_left": 0}
    assert person.open("recipient", "/secure").heading == (
        "You were signed out to protect your information"
    )


def test_a_page_at_14_59_keeps_the_session(person: Person) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(899)

    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"
    assert person.status("recipient")["seconds_left"] == 900


@pytest.mark.parametrize(
    "path", ["/session/status", "/session/check", "/health", "/nowhere", "/static/css/portal.css"]
)
def test_what_happens_by_itself_extends_nothing(
    person: Person, provider: FakeProvider, path: str
) -> None:
    person.sign_in("recipient")
    for _ in range(3):
        person.portals.clock.advance(299)
        person.open("recipient", path)

    assert person.status("recipient")["seconds_left"] == 3
    person.portals.report_due("recipient")
    assert actions(provider) == []


def test_a_prefetched_page_extends_nothing(person: Person) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(100)
    person.visitor.client.get(f"{URLS['recipient']}/help", headers={"Sec-Purpose": "prefetch"})

    assert person.status("recipient")["seconds_left"] == 800


def test_a_refused_form_extends_nothing(person: Person) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(100)

    assert person.post("recipient", "/session/extend", {"csrf_token": "forged"}).status == 403
    assert person.status("recipient")["seconds_left"] == 800


def test_staying_signed_in_starts_the_fifteen_minutes_again(person: Person) -> None:
    page = person.sign_in("recipient")
    person.portals.clock.advance(800)
    answer = page.submit({"next": "/help"}, button="Stay signed in")

    assert answer.path == "/help"
    assert person.status("recipient")["seconds_left"] == 900


def test_working_in_one_portal_keeps_the_other_alive(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.sign_in("provider")
    for _ in range(5):
        person.portals.clock.advance(300)
        person.open("provider", "/help")
        person.portals.report_due("provider")

    assert person.status("recipient") == {"active": True, "seconds_left": 900}
    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


def test_asking_the_provider_is_no_action(person: Person, provider: FakeProvider) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(500)
    provider.act()
    person.portals.clock.advance(400)

    assert person.status("recipient") == {"active": True, "seconds_left": 500}
    assert provider.reports
    assert actions(provider) == []
    assert provider.session().last_action_at == START + 500


def test_near_the_end_the_provider_is_asked_before_anybody_is_warned(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(700)
    provider.act()
    person.portals.clock.advance(60)

    assert person.status("recipient") == {"active": True, "seconds_left": 840}


def test_many_tabs_near_the_end_ask_the_provider_every_ten_seconds_at_most(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(800)
    for _ in range(5):
        person.status("recipient")

    assert len(provider.reports) == 1


def test_idleness_everywhere_ends_the_session_in_every_portal(person: Person) -> None:
    person.sign_in("recipient")
    person.sign_in("provider")
    person.portals.clock.advance(900)

    for key in ("recipient", "provider"):
        assert person.status(key)["active"] is False


def test_twelve_hours_end_the_session_however_active_the_person_is(
    person: Person, provider: FakeProvider
) -> None:
    """Case SE-04."""
    person.sign_in("recipient")
    for _ in range(12 * 60 // 10 - 1):
        person.portals.clock.advance(600)
        person.open("recipient", "/help")
        person.portals.report_due("recipient")
    assert person.status("recipient") == {"active": True, "seconds_left": 600}

    person.portals.clock.advance(600)
    assert person.open("recipient", "/secure").heading == "It is time to sign in again"


def test_the_providers_overall_limit_counts(person: Person, provider: FakeProvider) -> None:
    provider.session().overall_ends_at = START + 300
    person.sign_in("recipient")
    person.portals.clock.advance(60)
    person.open("recipient", "/help")
    person.portals.report_due("recipient")

    assert person.status("recipient")["seconds_left"] == 240


def test_when_time_is_up_and_the_provider_is_away_nobody_is_let_in(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(900)
    provider.is_down = True
    page = person.open("recipient", "/secure")
    assert (page.status, page.heading) == (503, "The sign-in service does not answer")
    assert person.open("recipient", "/session/check").status == 503
    assert person.status("recipient")["active"] is False

    provider.is_down = False
    assert person.open("recipient", "/secure").path == "/signed-out"


def test_a_session_that_ended_at_the_provider_is_noticed_before_the_warning(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    provider.session().is_over = True
    person.portals.clock.advance(745)

    assert person.status("recipient")["active"] is False
    assert person.open("recipient", "/secure").heading == "Your session has ended"


def test_a_provider_that_is_away_near_the_end_changes_nothing_yet(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(800)
    provider.is_down = True

    assert person.status("recipient") == {"active": True, "seconds_left": 100}


def test_a_session_in_doubt_goes_on_when_the_provider_says_so(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(600)
    provider.act()
    person.portals.clock.advance(300)
    provider.is_down = True
    assert person.open("recipient", "/secure").status == 503
    assert person.open("recipient", "/help").status == 200

    provider.is_down = False
    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


def test_without_an_activity_endpoint_the_portals_own_clock_decides(
    person: Person, provider: FakeProvider
) -> None:
    provider.bend_discovery = lambda metadata: metadata.pop("activity_endpoint")
    person.sign_in("recipient")
    person.portals.clock.advance(100)
    person.open("recipient", "/help")
    assert person.portals.report_due("recipient") == 1
    assert person.portals.report_due("recipient") == 0

    person.portals.clock.advance(899)
    assert person.status("recipient") == {"active": True, "seconds_left": 1}
    person.portals.clock.advance(1)
    assert person.status("recipient")["active"] is False


def test_without_script_the_page_ends_by_itself(person: Person) -> None:
    page = person.sign_in("recipient")

    assert '<meta http-equiv="refresh" content="901;url=/session/check">' in page.response.text


def test_the_automatic_page_says_when_the_person_is_active_elsewhere(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(600)
    provider.act()
    person.portals.clock.advance(301)

    assert person.open("recipient", "/session/check").heading == "You are still signed in"
    person.portals.clock.advance(600)
    assert person.open("recipient", "/session/check").path == "/signed-out"


def test_extending_a_session_that_is_over_opens_nothing(person: Person) -> None:
    page = person.sign_in("recipient")
    person.portals.clock.advance(900)

    assert page.submit(button="Stay signed in").path == "/signed-out"


def test_staying_by_script_answers_with_the_seconds_left(person: Person) -> None:
    page = person.sign_in("recipient")
    person.portals.clock.advance(800)
    token = page.form("Stay signed in").values()["csrf_token"]
    answer = person.visitor.client.post(
        f"{URLS['recipient']}/session/extend",
        data={"csrf_token": token},
        headers={"Accept": "application/json"},
    )

    assert answer.json() == {"active": True, "seconds_left": 900}


class TestReports:
    """At most one a minute, and the newest action is never lost."""

    def test_the_first_action_is_reported_at_once_and_the_last_when_the_minute_is_over(
        self, person: Person, provider: FakeProvider
    ) -> None:
        person.sign_in("recipient")
        clock = person.portals.clock
        for _ in range(5):
            clock.advance(10)
            person.open("recipient", "/help")
            person.portals.report_due("recipient")
        assert actions(provider) == [10]

        clock.advance(20)
        assert person.portals.report_due("recipient") == 1
        assert actions(provider) == [10, 50]
        clock.advance(600)
        assert person.portals.report_due("recipient") == 0

    def test_a_report_that_was_lost_is_sent_again(
        self, person: Person, provider: FakeProvider
    ) -> None:
        person.sign_in("recipient")
        person.portals.clock.advance(30)
        person.open("recipient", "/help")
        provider.is_down = True
        assert person.portals.report_due("recipient") == 0
        provider.is_down = False
        assert person.portals.report_due("recipient") == 0, "not before five seconds"

        person.portals.clock.advance(5)
        assert person.portals.report_due("recipient") == 1
        assert actions(provider) == [30]

    def test_an_action_outlives_the_process_that_saw_it(
        self, person: Person, provider: FakeProvider, tmp_path: Path
    ) -> None:
        person.sign_in("recipient")
        person.portals.clock.advance(30)
        person.open("recipient", "/help")

        settings = settings_of("recipient", provider.issuer, tmp_path)
        restarted = create_portal(SITES["recipient"], settings, person.portals.clock)
        assert restarted.extensions["portal"].reporter.report_due() == 1
        assert actions(provider) == [30]

    def test_a_portal_that_stops_reports_what_is_still_open(
        self, person: Person, provider: FakeProvider
    ) -> None:
        person.sign_in("recipient")
        for _ in range(2):
            person.portals.clock.advance(5)
            person.open("recipient", "/help")
            person.portals.report_due("recipient")
        assert actions(provider) == [5]

        parts = person.portals.parts("recipient")
        stopping = ActivityReporter(parts.database, parts.provider, parts.clock, parts.log, 60)
        stopping.stop()
        assert actions(provider) == [5, 10]

    def test_an_answer_that_the_session_is_over_ends_it_here(
        self, person: Person, provider: FakeProvider
    ) -> None:
        person.sign_in("recipient")
        person.portals.clock.advance(30)
        person.open("recipient", "/help")
        provider.session().is_over = True
        person.portals.report_due("recipient")

        assert person.status("recipient")["active"] is False

    def test_nothing_is_reported_after_signing_out(
        self, person: Person, provider: FakeProvider
    ) -> None:
        page = person.sign_in("recipient")
        person.portals.clock.advance(30)
        page.submit(button="Sign out")

        assert person.portals.report_due("recipient") == 0
        assert provider.reports == []

    def test_the_thread_outlives_a_failure(
        self, provider: FakeProvider, clock: FixedClock, tmp_path: Path
    ) -> None:
        settings = settings_of("recipient", provider.issuer, tmp_path)
        parts = create_portal(SITES["recipient"], settings, clock).extensions["portal"]
        file = tmp_path / "recipient" / "recipient.sqlite3"
        kept = file.read_bytes()
        file.write_bytes(b"not a database" * 500)
        parts.reporter.start()
        parts.reporter.wake()
        time.sleep(0.3)
        assert "activity" in {thread.name for thread in threading.enumerate()}
        file.write_bytes(kept)
        parts.reporter.stop()

    def test_the_thread_reports_without_being_asked(
        self, provider: FakeProvider, clock: FixedClock, tmp_path: Path
    ) -> None:
        settings = settings_of("recipient", provider.issuer, tmp_path)
        app = create_portal(SITES["recipient"], settings, clock)
        visitor = Visitor({URLS["recipient"]: app})
        visitor.open(f"{URLS['recipient']}/secure").submit(button="I agree")
        clock.advance(30)
        visitor.open(f"{URLS['recipient']}/help")
        eventually(lambda: actions(provider) == [30])
        clock.advance(20)
        visitor.open(f"{URLS['recipient']}/help")
        clock.advance(40)
        eventually(lambda: actions(provider) == [30, 50])
        app.extensions["portal"].reporter.stop()
        visitor.close()
        eventually(lambda: "activity" not in {thread.name for thread in threading.enumerate()})


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, five seconds at most."""
    deadline = time.monotonic() + 5
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_so()
