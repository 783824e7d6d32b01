"""Changing how somebody signs in needs a second factor shown lately (cases MF-10, SG-09)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.web.guards import declared_by
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import Person, add_person, cookie, is_signed_in, open_page, sign_in
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor

_HALF = 600


def guarded(app: Flask, method: str) -> list[Rule]:
    """Every rule of a method that says it needs a fresh factor."""
    found = []
    for rule in app.url_map.iter_rules():
        declared = declared_by(app.view_functions[rule.endpoint])
        if declared and declared.step_up and method in (rule.methods or set()):
            found.append(rule)
    return found


def address(rule: Rule) -> str:
    """Return the address of a rule, with something in the place of each part that varies."""
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<{argument}>", "some-id")
    return f"{ISSUER}{path}"


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with a password, an app and recovery codes."""
    return add_person(ctx, clock)


@pytest.fixture
def stale(open_visitor: OpenVisitor, person: Person, clock: FixedClock) -> Visitor:
    """A browser whose session lives, with a factor that was shown twenty minutes ago."""
    visitor = open_visitor()
    sign_in(visitor, person)
    for _ in range(2):
        clock.advance(_HALF)
        open_page(visitor, "/account")
    assert is_signed_in(visitor)
    return visitor


def test_MF_10_a_page_that_changes_security_asks_for_everything_again(
    app: Flask, stale: Visitor
) -> None:
    rules = guarded(app, "GET")
    assert rules
    for rule in rules:
        answer = stale.client.get(address(rule), follow_redirects=False)
        assert answer.status_code == 303, rule.rule
        assert urlsplit(answer.headers["Location"]).path == "/sign-in", rule.rule


def test_MF_10_a_form_that_changes_security_does_nothing_with_an_old_factor(
    app: Flask, stale: Visitor
) -> None:
    rules = guarded(app, "POST")
    assert rules
    proof = open_page(stale, "/sign-out").forms[0].values()["csrf_token"]
    for rule in rules:
        sent = {"csrf_token": proof}
        answer = stale.client.post(address(rule), data=sent, follow_redirects=False)
        assert answer.status_code == 303, rule.rule
        assert urlsplit(answer.headers["Location"]).path == "/sign-in", rule.rule


def test_MF_10_signing_in_again_leads_back_with_a_new_cookie(
    app: Flask, stale: Visitor, person: Person
) -> None:
    rule = next(rule for rule in guarded(app, "GET") if not rule.arguments)
    before = cookie(stale)
    page = stale.open(address(rule))
    assert page.heading == "Confirm that it is you"
    assert page.form(fields={"username": ""}).values()["username"] == person.username
    page = page.submit({"username": person.username, "password": person.password})
    page = page.submit({"code": person.app.code()}, button="Continue")
    assert page.path == rule.rule
    assert cookie(stale) != before


def test_MF_10_a_factor_of_nineteen_minutes_is_enough(
    app: Flask, open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor = open_visitor()
    sign_in(visitor, person)
    for seconds in (_HALF, _HALF - 1):
        clock.advance(seconds)
        open_page(visitor, "/account")
    rule = next(rule for rule in guarded(app, "GET") if not rule.arguments)
    assert visitor.open(address(rule)).path == rule.rule


def test_MF_10_whoever_answers_as_somebody_else_is_somebody_else_then(
    ctx: Context, app: Flask, stale: Visitor, clock: FixedClock
) -> None:
    """The session of the first person ends; nothing of theirs is reached by another's factor."""
    other = add_person(ctx, clock, "somebody")
    rule = next(rule for rule in guarded(app, "GET") if not rule.arguments)
    page = stale.open(address(rule))
    page = page.submit({"username": other.username, "password": other.password})
    page.submit({"code": other.app.code()}, button="Continue")
    assert "somebody" in open_page(stale, "/account").text
    assert "rosario" not in open_page(stale, "/account").text


def test_the_way_back_is_a_page_of_ours(app: Flask, stale: Visitor) -> None:
    rule = next(rule for rule in guarded(app, "GET") if not rule.arguments)
    answer = stale.client.get(f"{address(rule)}?next=https://evil.example", follow_redirects=False)
    assert set(parse_qs(urlsplit(answer.headers["Location"]).query)) == {"tx"}
