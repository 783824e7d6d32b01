"""The three portals and the provider as real processes, with a clock that moves for all of them."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Answer, Visitor
from tests.parts.provider import Provider, running_provider

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The demonstration, started once; each story has a browser and an account of its own."""
    with running_provider(tmp_path_factory.mktemp("deployed"), has_portals=True) as running:
        yield running


class Somebody:
    """A person of the demonstration with a browser without script."""

    def __init__(self, deployed: Provider, username: str) -> None:
        self.deployed = deployed
        self.account = deployed.accounts()[username]
        self.visitor = Visitor()
        self.authenticator = Authenticator(self.account["totp_secret"], deployed.now)

    def open(self, portal: str, path: str = "/secure") -> Answer:
        """Open a page of a portal, accepting its legal notice when it asks."""
        page = self.visitor.open(f"{self.deployed.demo.portal_url(portal)}{path}")
        return page.submit(button="I agree") if page.path == "/notice" else page

    def sign_in(self, portal: str) -> Answer:
        """Go through the provider's pages into a portal."""
        page = self.open(portal)
        assert page.url.startswith(self.deployed.url), page.url
        typed = {"username": self.account["username"], "password": self.account["password"]}
        self.deployed.move_clock(60)  # no code of the authenticator is used twice
        page = page.submit(typed)
        return page.submit({"code": self.authenticator.code()})

    def is_signed_in(self, portal: str) -> bool:
        """Ask the portal as its page's script does."""
        url = f"{self.deployed.demo.portal_url(portal)}/session/status"
        return bool(self.visitor.open(url).response.json()["active"])

    def is_signed_in_at_the_provider(self) -> bool:
        """Whether the provider's account page opens without signing in."""
        return self.visitor.open(f"{self.deployed.url}/account").path.startswith("/account")


@pytest.fixture
def somebody(deployed: Provider) -> Iterator[Callable[[str], Somebody]]:
    """Give a browser to a person of the demonstration."""
    opened: list[Somebody] = []

    def named(username: str) -> Somebody:
        opened.append(Somebody(deployed, username))
        return opened[-1]

    yield named
    for one in opened:
        one.visitor.close()


def eventually(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so, twenty seconds at most."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def wait_for_reports(deployed: Provider, portal: str) -> None:
    """Wait until a portal has told the provider of every action; no test moves time before."""
    file = deployed.folder / f"portal-{portal}" / f"{portal}.sqlite3"
    unreported = "SELECT count(*) FROM sessions WHERE last_action_at > reported_action_at"

    def is_told() -> bool:
        with closing(sqlite3.connect(file)) as connection:
            open_reports = connection.execute(f"{unreported} AND sub IS NOT NULL").fetchone()
        return bool(open_reports == (0,))

    eventually(is_told, f"{portal} did not report")


Named = Callable[[str], Somebody]


def test_one_sign_in_opens_the_portals_that_a_person_may_enter(somebody: Named) -> None:
    recipient = somebody("rrecipient")
    page = recipient.sign_in("recipient")
    assert page.path == "/secure", page.text
    assert page.heading.startswith("Welcome, ")
    assert "You signed in with a password and a code from an app." in page.text
    assert "Individual account" in page.text

    assert recipient.open("operations").heading == "You may not enter this portal"
    refused = recipient.open("provider")
    assert refused.heading == "No access yet"
    assert "invite rrecipient" in refused.text


def test_an_office_administrator_sees_the_npi_and_every_right(somebody: Named) -> None:
    page = somebody("oadmin").sign_in("provider")

    assert "1234567893" in page.text
    assert "Office Administrator" in page.text
    assert "Business account" in page.text
    assert "Say who may do what" in page.text


def test_a_general_user_sees_only_what_was_given(somebody: Named) -> None:
    page = somebody("gstaff").sign_in("provider")

    assert "Ask about a recipient's eligibility" in page.text
    assert "Submit claims" not in page.text


def test_operations_lets_in_who_holds_the_right(somebody: Named) -> None:
    page = somebody("sworker").sign_in("operations")

    assert page.heading.startswith("Welcome, ")
    assert "Enter the operations portal" in page.text
    assert "State employee account" in page.text


def test_signing_out_of_one_portal_signs_out_of_all_and_of_the_provider(somebody: Named) -> None:
    person = somebody("oadmin")
    page = person.sign_in("provider")
    for portal in ("recipient", "operations"):
        person.open(portal)
        assert person.is_signed_in(portal)

    page = person.open("provider").submit(button="Sign out")
    assert page.path == "/signed-out", page.text
    assert "and of the other portals you used" in page.text
    assert not person.is_signed_in("provider")
    for portal in ("recipient", "operations"):
        eventually(lambda one=portal: not person.is_signed_in(one), f"{portal} was not told")  # type: ignore[misc]
    assert not person.is_signed_in_at_the_provider()


def test_working_in_one_portal_keeps_all_alive_and_idleness_ends_all(somebody: Named) -> None:
    person = somebody("newstaff")
    person.sign_in("recipient")
    person.open("operations")
    for _ in range(3):
        person.deployed.move_clock(600)
        person.open("recipient", "/help")
        wait_for_reports(person.deployed, "recipient")
    assert person.is_signed_in("operations")
    assert person.is_signed_in_at_the_provider()

    person.deployed.move_clock(890)
    assert person.is_signed_in("recipient")
    person.deployed.move_clock(20)
    assert not person.is_signed_in("recipient")
    assert not person.is_signed_in("operations")
    assert not person.is_signed_in_at_the_provider()


def test_tokens_are_renewed_while_somebody_works(somebody: Named) -> None:
    person = somebody("sworker")
    person.sign_in("operations")
    for _ in range(4):
        person.deployed.move_clock(800)
        assert person.open("operations").heading.startswith("Welcome, ")
        wait_for_reports(person.deployed, "operations")
