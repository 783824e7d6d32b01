"""The steps that people take at the portals, and what the portals' own records say."""

import json
import sqlite3
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from portals.shared.language import translate
from tests.journeys.steps import Walker
from tests.journeys.steps_provider import Person
from tests.parts.provider import Provider
from tools.demonstration import PORTALS

_SECONDS_FOR_NOTICES = 20


def open_secure(walker: Walker, provider: Provider, name: str) -> None:
    """Open the secure part of a portal and accept its legal notice when it asks."""
    wanted = f"{provider.demo.portal_url(name)}/secure"
    walker.open(wanted)
    if urlsplit(walker.url).path == "/signed-out":  # says once why the last visit ended
        walker.open(wanted)
    if walker.heading == translate(walker.language, "Before you open the secure portal"):
        walker.send({}, translate(walker.language, "I agree, continue"))


def welcome(walker: Walker, person: Person) -> str:
    """Return the heading that a person whom a portal lets in should read."""
    return translate(walker.language, "Welcome, %(name)s", name=person.name)


def sign_out(walker: Walker) -> None:
    """Sign out by the button that every page of a portal has."""
    walker.send({}, translate(walker.language, "Sign out"))


def is_signed_in(walker: Walker, provider: Provider, name: str) -> bool:
    """Tell by a portal's front page: it offers to sign out, or to sign in."""
    walker.open(f"{provider.demo.portal_url(name)}/")
    ways = {
        True: translate(walker.language, "Sign out"),
        False: translate(walker.language, "Sign in"),
    }
    found = [state for state, words in ways.items() if words in walker.text]
    assert len(found) == 1, walker.text
    return found[0]


def notices(provider: Provider, name: str) -> int:
    """Return how many sessions a portal ended because the provider told it to, by its log."""
    log = provider.portals[name].log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if "back_channel.accepted" in line]
    return sum(line["ended"] for line in lines)


def living_sessions(provider: Provider, name: str) -> int:
    """Return how many signed-in sessions a portal's own database holds."""
    file = next((provider.folder / f"portal-{name}").rglob("*.sqlite3"))
    with sqlite3.connect(file) as rows:
        found = rows.execute("SELECT count(*) FROM sessions WHERE sub IS NOT NULL").fetchone()
    rows.close()
    return int(found[0])


def wait_for_notices(provider: Provider, before: dict[str, int]) -> None:
    """Wait until every portal ended one more session than before, told by the provider."""
    wait_until(lambda: all(notices(provider, name) > before[name] for name in before))


def all_notices(provider: Provider) -> dict[str, int]:
    """Return the count of every portal."""
    return {name: notices(provider, name) for name in PORTALS}


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does. Raises AssertionError when time is up."""
    end = time.monotonic() + _SECONDS_FOR_NOTICES
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
