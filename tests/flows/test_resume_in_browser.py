"""The end of a session in a real browser: the dialog, what was typed, and another tab."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.flows.notes_page import NOTES, add_pages
from tests.flows.signing_in import Person, add_person
from tests.parts.axe import assert_accessible
from tests.parts.chromium import NARROW, WIDE, Chromium
from tests.parts.ports import free_ports

pytestmark = pytest.mark.browser

Pass = Callable[[float], None]


@pytest.fixture
def saved(app: Flask) -> list[str]:
    """What the pages took, in their order."""
    return add_pages(app)


@pytest.fixture
def person(saved: list[str], ctx: Context, clock: FixedClock) -> Person:
    """Somebody who signs in."""
    return add_person(ctx, clock)


@pytest.fixture
def here(app: Flask, saved: list[str]) -> Iterator[str]:
    """The address of the application, served on a port of this machine."""
    port = free_ports(1)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tab(here: str, chromium: Chromium, person: Person) -> Page:
    """A browser's tab with a form, in which the person has just signed in."""
    tab = chromium.person(width=NARROW)
    tab.clock.install()
    tab.goto(f"{here}/sign-in")
    tab.locator("[name=username]").fill(person.username)
    tab.locator("[name=password]").fill(person.password)
    tab.get_by_role("button", name="Sign in").click()
    tab.locator("[name=code]").fill(person.app.code())
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("heading", name="Your account")).to_be_visible()
    tab.goto(f"{here}{NOTES}")
    return tab


@pytest.fixture
def wait(tab: Page, clock: FixedClock) -> Pass:
    """Let time pass for the server and for the tab."""

    def passed(seconds: float) -> None:
        clock.advance(seconds)
        tab.clock.run_for(int(seconds * 1000))

    return passed


def enter_password(tab: Page, person: Person) -> None:
    """Type the password that the page asks for after a pause."""
    expect(tab.get_by_role("heading", level=1)).to_have_text("You were signed out after 15 minutes")
    tab.locator("[name=password]").fill(person.password)
    tab.get_by_role("button", name="Go on").click()


def test_SE_02_what_was_typed_comes_back_after_a_pause(
    tab: Page, wait: Pass, person: Person, saved: list[str]
) -> None:
    tab.locator("[name=name]").fill("Rosa María")
    tab.locator("main [name=password]").fill("Not to be kept 1")
    wait(760)
    expect(tab.get_by_role("dialog")).to_be_visible()
    assert tab.locator("[name=name]").input_value() == "Rosa María"
    wait(141)
    enter_password(tab, person)
    expect(tab.locator("[name=name]")).to_have_value("Rosa María")
    expect(tab.locator("main [name=password]")).to_have_value("")
    expect(tab.get_by_role("heading", name="We kept what you typed")).to_be_visible()
    assert saved == []
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("heading", name="We kept what you typed")).to_have_count(0)
    assert saved == ["Rosa María"]


def test_a_page_without_anything_typed_just_leaves(
    tab: Page, wait: Pass, person: Person, here: str
) -> None:
    wait(760)
    wait(141)
    enter_password(tab, person)
    expect(tab).to_have_url(f"{here}{NOTES}")
    expect(tab.get_by_role("heading", name="We kept what you typed")).to_have_count(0)


def test_an_open_page_takes_the_cookie_that_another_tab_renewed(
    tab: Page, wait: Pass, person: Person, clock: FixedClock, saved: list[str], here: str
) -> None:
    """The person went on in the other tab; what is typed here is neither lost nor refused."""
    tab.locator("[name=name]").fill("Rosa María")
    other = tab.context.new_page()
    clock.advance(901)
    other.goto(f"{here}/account")
    enter_password(other, person)
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()
    tab.clock.run_for(901_000)
    expect(tab.get_by_role("dialog")).to_have_count(0)
    expect(tab.locator("main")).to_be_visible()
    tab.get_by_role("button", name="Save").click()
    expect(tab.locator("[name=name]")).to_have_value("as it was")
    assert saved == ["Rosa María"]


def test_a_page_of_somebody_else_who_signed_out_shows_nothing_any_more(
    tab: Page, clock: FixedClock, ctx: Context, here: str
) -> None:
    other_person = add_person(ctx, clock, "benito")
    other = tab.context.new_page()
    clock.advance(901)
    other.goto(f"{here}/account")
    other.get_by_role("link", name="Sign in as somebody else").click()
    other.locator("[name=username]").fill(other_person.username)
    other.locator("[name=password]").fill(other_person.password)
    other.get_by_role("button", name="Sign in").click()
    other.locator("[name=code]").fill(other_person.app.code())
    other.get_by_role("button", name="Continue").click()
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()
    tab.clock.run_for(901_000)
    expect(tab).to_have_url(f"{here}/account")
    expect(tab.locator(".who")).to_contain_text("benito")


def test_the_dialog_is_reached_and_left_by_keyboard_alone(tab: Page, wait: Pass) -> None:
    tab.locator("[name=name]").fill("Rosa")
    wait(760)
    expect(tab.get_by_role("button", name="Stay signed in")).to_be_focused()
    names = []
    for _ in range(4):
        names.append(tab.evaluate("document.activeElement.textContent.trim()"))
        tab.keyboard.press("Tab")
        is_outside = "document.activeElement.closest('main, header, footer') !== null"
        assert not tab.evaluate(is_outside)
    assert {"Stay signed in", "Sign out"} <= set(names)
    tab.get_by_role("button", name="Stay signed in").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    expect(tab.locator("[name=name]")).to_have_value("Rosa")


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("language", ["en", "es"])
def test_UI_the_pages_of_a_pause_are_accessible_and_fit(
    tab: Page, wait: Pass, here: str, width: int, language: str
) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"{here}{NOTES}?lang={language}")
    tab.locator("[name=name]").fill("Rosa María")
    wait(760)
    expect(tab.get_by_role("dialog")).to_be_visible()
    look(tab, "dialog", width, language)
    wait(141)
    tab.wait_for_url(f"{here}/session/resume?**")
    look(tab, "resume", width, language)
    tab.locator("main form button[type=submit]").click()
    expect(tab.locator("[data-error-summary]")).to_be_visible()
    look(tab, "resume-errors", width, language)
    tab.locator("main [name=password]").fill("A calm river-bed 7")
    tab.locator("main form button[type=submit]").click()
    expect(tab.locator("#kept-heading")).to_be_visible()
    look(tab, "kept-form", width, language)


def look(tab: Page, name: str, width: int, language: str) -> None:
    """Let axe look, see that nothing is wider than the window, and take a picture if wanted."""
    if folder := os.environ.get("IDP_LOOK"):
        tab.screenshot(path=f"{folder}/{name}-{width}-{language}.png")
    assert_accessible(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
