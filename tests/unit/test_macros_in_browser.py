"""The scripts behind the macros, in a real browser under the real content security policy."""

import json
import random
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from idp.people.credentials import rules
from tests.parts.application import ISSUER
from tests.parts.axe import assert_accessible
from tests.parts.chromium import NARROW, WIDE, Chromium
from tests.parts.sample_pages import PATH, add_sample_page, serve_to

pytestmark = pytest.mark.browser

NEW_PASSWORD = """
{{ error_summary(form) }}
{{ form_open("/sample", form) }}
{{ radios(form.account_type) }}
{{ field(form.username) }}
{{ field(form.email) }}
{{ password(form.new_password, checklist=policies.password.active, personal_fields=["username"],
            personal={"username": "", "names": ["Ana María"]}, confirm=form.confirm_password) }}
{{ password(form.confirm_password) }}
{{ checkbox(form.terms) }}
{{ submit("Go on") }}
{{ form_close() }}"""
EVERYTHING = (
    NEW_PASSWORD
    + """
{% call alert("info", "A") %}a{% endcall %}{% call alert("success") %}b{% endcall %}
{% call alert("warning", "C") %}c{% endcall %}{% call alert("error", "D") %}d{% endcall %}
{{ steps(["One", "Two"], 1) }}
{{ table("Rows", ["Name", "Value"], [["a", "b"], ["c", "d"]]) }}
{{ details([("An address", "a.very.long.address.without.a.break@subdomain.example.org")]) }}
{{ code_box("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", "key", "Key") }}
{% call group() %}{{ copy_button("key") }}{{ print_button() }}
{{ link_button("/", "On", "outline") }}
{{ post_button("/", "End", "secondary") }}{% endcall %}
{{ links([("/", "Somewhere else")], "More") }}
{{ select(form.language, raw=true) }}"""
)
PASSKEY = """
{% from "macros/passkeys.html" import passkey_errors %}
{{ passkey_errors({"errors": form.errors, "form_errors": ["No."], "credential": {}}) }}
{{ form_open("/sample", form) }}{{ submit("Go on") }}{{ form_close() }}"""
IDLE = '{% set idle = seconds %}{% include "macros/idle_dialog.html" %}'
CASES = 1500
LETTERS = "abcdxyzABCD0123789!-. '_éÑñß\u017f\u5b57ª\u0663\u0664\u0665aaa"
PIECES = ["abc", "dcba", "123", "321", "first", "define", "oneil", "ESOJ", "evamaria", "rosa.r"]

Open = Callable[..., Page]
OpenIdle = Callable[..., tuple[Page, "Session"]]


@pytest.fixture
def opened(app: Flask, chromium: Chromium) -> Open:
    """Open a sample page made of a body; window: options of Chromium.person."""

    def open_page(body: str, *, values: dict[str, object] | None = None, **window: object) -> Page:
        add_sample_page(app, body, **(values or {}))
        browser_page = chromium.person(**window)  # type: ignore[arg-type]
        serve_to(browser_page, app)
        browser_page.goto(f"{ISSUER}{PATH}")
        return browser_page

    return open_page


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_macro_is_accessible_and_fits(opened: Open, width: int, language: str) -> None:
    page = opened(EVERYTHING, width=width, language=language)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_refused_form_moves_the_focus_to_its_errors_and_on_to_the_field(opened: Open) -> None:
    page = opened(NEW_PASSWORD, width=NARROW)
    page.get_by_role("button", name="Go on").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert_accessible(page)
    summary.get_by_role("link", name="Enter your email address.").click()
    expect(page.locator("#email")).to_be_focused()


def test_what_was_done_gets_the_focus_unless_something_is_wrong(opened: Open) -> None:
    page = opened('{% call alert("success") %}Saved.{% endcall %}' + NEW_PASSWORD)
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_focused()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()


def test_what_was_wrong_with_a_passkey_gets_the_focus(opened: Open) -> None:
    page = opened(PASSKEY)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert_accessible(page)


def test_a_password_can_be_shown_and_is_sent_hidden(opened: Open) -> None:
    page = opened(NEW_PASSWORD)
    box = page.locator("#new_password")
    page.get_by_role("button", name="Show Password", exact=True).click()
    expect(box).to_have_attribute("type", "text")
    expect(page.locator("[data-show-password-status=new_password]")).to_have_text(
        "Password is shown"
    )
    page.get_by_role("button", name="Hide Password", exact=True).click()
    expect(box).to_have_attribute("type", "password")


def test_rules_are_ticked_off_while_typing(opened: Open) -> None:
    page = opened(NEW_PASSWORD)
    met = page.locator("[data-password-rules] .is-met")
    page.fill("#username", "gardener7")
    page.fill("#new_password", "the Gardener7!")
    assert met.evaluate_all("items => items.map(item => item.dataset.rule)") == [
        "length",
        "categories",
        "sequences",
    ]
    page.fill("#new_password", "María likes 7 lamps")
    expect(page.locator("[data-rule=personal]")).not_to_have_class("is-met")
    page.fill("#new_password", "Blue harbour 7 lamps")
    page.fill("#confirm_password", "Blue harbour 7 lamps")
    expect(met).to_have_count(5)
    expect(page.locator("[data-password-progress]")).to_have_text("5 of 5 password rules met")


def test_without_scripts_nothing_is_offered_that_needs_one(opened: Open) -> None:
    page = opened(EVERYTHING, has_javascript=False)
    for name in ("Show", "Copy", "Print"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.locator("[data-rule]").first).to_be_visible()


def test_the_script_counts_a_password_as_the_server_does(opened: Open) -> None:
    page = opened("")
    cases = _cases()
    counted = page.evaluate(
        """async cases => {
          const rules = await import("/static/js/password_checklist.js");
          return cases.map(({ text, username, names }) => [
            rules.length(text), rules.countCategories(text), rules.hasSequence(text),
            rules.containsPersonal(text, username, names, 3)]);
        }""",
        cases,
    )
    differing = [
        f"{json.dumps(case)}: {ours} there, {_count(case)} here"
        for case, ours in zip(cases, counted, strict=True)
        if ours != _count(case)
    ]
    assert not differing, "\n".join(differing[:10])


def _cases() -> list[dict[str, object]]:
    chance = random.Random(4)  # noqa: S311 - the same cases in every run
    names = ["O'Neil Garcia", "José", "Li", "Éva-Maria", "abc def", ""]
    return [
        {
            "text": rules.normalized(
                "".join(chance.choices(LETTERS, k=chance.randint(0, 7)))
                + chance.choice(PIECES)
                + "".join(chance.choices(LETTERS, k=chance.randint(0, 4)))
            ),
            "username": chance.choice(["", "ab", "rosa.r", "abc"]),
            "names": chance.sample(names, 2),
        }
        for _ in range(CASES)
    ]


def _count(case: dict[str, object]) -> list[object]:
    text = str(case["text"])
    names = case["names"]
    assert isinstance(names, list)
    personal = rules.Personal(str(case["username"]), names)
    return [
        len(text),
        len(rules.categories(text)),
        rules.has_sequence(text),
        rules.contains_personal(text, personal, 3),
    ]


class Session:
    """What the server says about the time left, and what it was asked."""

    def __init__(self, page: Page, seconds_left: int, *, after_stay: int = 900) -> None:
        self.seconds_left = seconds_left
        self.after_stay = after_stay
        self.stays: list[str | None] = []
        page.route(f"{ISSUER}/session/**", self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.url.endswith("/stay"):
            self.stays.append(route.request.headers.get("x-csrftoken"))
            self.seconds_left = self.after_stay
        if "/ended?" in route.request.url:
            route.fulfill(body="<title>ended</title>", content_type="text/html")
        else:
            route.fulfill(json={"seconds_left": self.seconds_left})


@pytest.fixture
def idle(app: Flask, chromium: Chromium) -> OpenIdle:
    """Open a page whose session ends in some seconds, with the browser's clock in hand."""

    def start(seconds: int, **answers: int) -> tuple[Page, Session]:
        add_sample_page(app, IDLE, seconds=seconds)
        page = chromium.person(width=NARROW)
        page.clock.install()
        serve_to(page, app)
        session = Session(page, seconds, **answers)
        page.goto(f"{ISSUER}{PATH}")
        return page, session

    return start


def test_the_dialog_opens_when_little_time_is_left_and_staying_closes_it(idle: OpenIdle) -> None:
    page, session = idle(200)
    dialog = page.get_by_role("dialog", name="Are you still there?")
    page.clock.run_for(45_000)
    expect(dialog).to_have_count(0)
    session.seconds_left = 149
    page.clock.run_for(10_000)
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("we will sign you out in 2:2")
    assert_accessible(page)
    page.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_have_count(0)
    assert len(session.stays) == 1
    assert session.stays[0]


def test_work_in_another_tab_closes_the_dialog(idle: OpenIdle) -> None:
    page, session = idle(100)
    dialog = page.get_by_role("dialog")
    page.clock.run_for(1000)
    expect(dialog).to_be_visible()
    session.seconds_left = 900
    page.clock.run_for(11_000)
    expect(dialog).to_have_count(0)
    assert not session.stays


def test_a_session_that_cannot_be_extended_is_said_to_end(idle: OpenIdle) -> None:
    page, _ = idle(100, after_stay=80)
    page.clock.run_for(1000)
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog")).to_contain_text("this cannot be extended")
    page.get_by_role("button", name="Continue").click()
    page.clock.run_for(5000)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_page_is_left_when_the_session_has_ended(idle: OpenIdle) -> None:
    page, session = idle(20)
    page.clock.run_for(1000)
    session.seconds_left = 0
    page.clock.run_for(20_000)
    page.wait_for_url(f"{ISSUER}/session/ended?back=%2Fsample")
