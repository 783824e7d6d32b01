"""Code of other languages in every parameter of every page: it is text, and nothing else."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule
from wtforms import Field

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.web.forms import Form
from idp.web.guards import declared_by
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import add_person, open_page, sign_in
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor

# What a template engine or a database would answer with a number that stands nowhere else.
_CANARY = "31338"
_PAYLOADS = (
    "{{ 2 * 15669 }}${2 * 15669}<%= 2 * 15669 %>#{2 * 15669}{% print(2 * 15669) %}",
    "' OR '1'='1' --",
    "x'; UPDATE account SET state = 'closed'; --",
    "' UNION SELECT hash, 2 * 15669 FROM password --",
    "%s %(username)s {0.__class__} ${jndi:ldap://127.0.0.1/x} $(id) `id` ; id",
)
_NEVER_SENT = {"csrf_token"}
_each_payload = pytest.mark.parametrize(
    ("database_kind", "payload"),
    [
        *(("sqlite", payload) for payload in _PAYLOADS),
        pytest.param("postgres", _PAYLOADS[2], marks=pytest.mark.postgres),
        pytest.param("postgres", _PAYLOADS[3], marks=pytest.mark.postgres),
    ],
    indirect=["database_kind"],
)


def field_names() -> set[str]:
    """Return the names of the controls of every form of the provider, and what addresses carry."""
    found = {"tx", "token", "lang", "page", "back", "q", "to", "client_id", "format"}
    waiting = [Form]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        found |= {name for name in dir(form) if _is_field(getattr(form, name, None))}
    return found - _NEVER_SENT


def _is_field(member: object) -> bool:
    return isinstance(member, Field) or hasattr(member, "field_class")


def pages(app: Flask, method: str) -> Iterator[Rule]:
    """Yield the rules that a browser may ask for by a method."""
    for rule in app.url_map.iter_rules():
        declared = declared_by(app.view_functions[rule.endpoint])
        if declared and declared.who in {"anyone", "signed_in"} and method in (rule.methods or ()):
            yield rule


def address(rule: Rule, payload: str) -> str:
    """Return a rule's path with the payload in the place of each part that varies."""
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<{argument}>", payload.replace("/", ""))
    return f"{ISSUER}{path}"


@pytest.fixture(params=["nobody", "somebody"])
def visitor(
    request: pytest.FixtureRequest, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> Visitor:
    """A browser of nobody, and one of somebody who is signed in."""
    opened = open_visitor()
    if request.param == "somebody":
        sign_in(opened, add_person(ctx, clock))
    return opened


def _form_token(visitor: Visitor) -> tuple[str, str]:
    """Return the browser's cookie and the form token that belongs to it."""
    token = open_page(visitor, "/sign-in/passkey").forms[0].values()["csrf_token"]
    return visitor.client.cookies["idp"], token


def _state(ctx: Context) -> list[tuple[object, ...]]:
    ctx.db.rollback()
    rows = ctx.db.execute(text("SELECT id, username, email, state, first_name FROM account"))
    return [tuple(row) for row in rows]


@_each_payload
def test_IN_02_a_payload_in_any_address_is_text(
    app: Flask, visitor: Visitor, ctx: Context, payload: str
) -> None:
    before, sent = _state(ctx), dict.fromkeys(sorted(field_names()), payload)
    for rule in pages(app, "GET"):
        answer = visitor.client.get(address(rule, payload), params=sent, follow_redirects=False)
        assert answer.status_code < 500, rule.rule
        assert _CANARY not in answer.text, rule.rule
    assert _state(ctx) == before


@_each_payload
def test_IN_02_a_payload_in_any_field_is_text(
    app: Flask, visitor: Visitor, ctx: Context, payload: str
) -> None:
    before, kept = _state(ctx), ("", "")
    # Signing out comes last, so that everything before is sent by somebody.
    for rule in sorted(pages(app, "POST"), key=lambda rule: rule.rule == "/sign-out"):
        if kept[0] != visitor.client.cookies.get("idp"):
            kept = _form_token(visitor)
        fields = dict.fromkeys(sorted(field_names() - {"tx"}), payload)
        answer = visitor.client.post(
            address(rule, payload), data=fields | {"csrf_token": kept[1]}, follow_redirects=False
        )
        assert answer.status_code < 500, rule.rule
        assert _CANARY not in answer.text, rule.rule
    assert _state(ctx) == before


def test_this_file_knows_the_controls_of_the_forms() -> None:
    wanted = {
        "username",
        "password",
        "code",
        "email",
        "first_name",
        "business_name",
        "new_password",
    }
    assert wanted <= field_names()
