"""What every form refuses: no token of this browser, or input that nobody can mean."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.web.guards import declared_by
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import add_person, is_signed_in, open_page, sign_in
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor

_PATHS = [
    "/sign-in",
    "/sign-in/mfa",
    "/sign-in/mfa/recovery-code",
    "/sign-in/mfa/passkey",
    "/sign-in/mfa/passkey/options",
    "/sign-in/passkey",
    "/sign-in/passkey/options",
    "/sign-out",
    "/session/stay",
    "/session/keep",
    "/session/resume",
    "/mfa/enroll/app",
    "/mfa/enroll/passkey",
    "/mfa/enroll/passkey/options",
    "/mfa/recovery-codes",
    "/mfa/recovery-codes/download",
    "/unlock",
    "/unlock/code",
    "/unlock/resend",
    "/unlock/confirm",
    "/forgot-password",
    "/forgot-password/code",
    "/forgot-password/resend",
    "/forgot-password/confirm",
    "/forgot-password/new",
    "/forgot-username",
    "/not-me",
    "/lost-factor",
    "/lost-factor/code",
    "/lost-factor/code/resend",
    "/lost-factor/stop",
    "/lost-factor/cancel",
    "/lost-factor/replace",
    "/keep-account",
    "/restore-account",
]
# Need a session and no transaction: test_connected_applications.py, test_kept_forms.py,
# test_change_password.py, test_security.py.
_SIGNED_IN = {
    "/account/close",
    "/account/closing/keep",
    "/account/applications/<consent_id>/withdraw",
    "/account/security/app",
    "/account/security/factors/<factor_id>",
    "/account/security/factors/<factor_id>/remove",
    "/account/security/passkey",
    "/account/security/passkey/options",
    "/account/security/password",
    "/account/security/recovery-codes",
    "/account/security/recovery-codes/download",
    "/session/kept/discard",
    "/account/sessions/<session_id>/end",
    "/account/sessions/end-others",
    "/account/sessions/browsers/<browser_id>/forget",
}
_FIELDS = ["username", "password", "code", "name", "tx"]
_ODD = ["\0", "a\0b", "\ud800", "x" * 2000, "\u202edrow", "' OR 1=1 --", "{{7*7}}", "%s%n", "<b>"]


def forms_of_people(app: Flask) -> Iterator[Rule]:
    """Every rule that people post forms to."""
    for rule in app.url_map.iter_rules():
        declared = declared_by(app.view_functions[rule.endpoint])
        is_form = declared is not None and declared.csrf and not declared.parses_itself
        if is_form and "POST" in (rule.methods or set()):
            yield rule


def token(visitor: Visitor) -> str:
    """Return the browser's form token."""
    return open_page(visitor, "/sign-in").forms[0].values()["csrf_token"]


def test_this_file_knows_every_form_of_these_flows(app: Flask) -> None:
    flows = {
        "sign_in", "mfa", "security", "unlock", "forgotten", "password", "account", "resume",
        "sessions", "disavowal", "lost_factor", "closing",
    }  # fmt: skip
    found = {rule.rule for rule in forms_of_people(app) if rule.endpoint.split(".")[0] in flows}
    assert found == {*_PATHS, *_SIGNED_IN}


def test_SE_08_every_form_without_this_browsers_token_is_refused_and_changes_nothing(
    app: Flask, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    visitor, stranger = open_visitor(), open_visitor()
    sign_in(visitor, add_person(ctx, clock))
    before = _rows(ctx)
    for rule in forms_of_people(app):
        path = rule.rule
        for wrong in (None, "", "forged", token(stranger)):
            sent = {} if wrong is None else {"csrf_token": wrong}
            answer = visitor.send("POST", f"{ISSUER}{path}", sent)
            assert answer.status == 403, (path, wrong)
            assert answer.heading == "This page was open too long"
    assert is_signed_in(visitor)
    assert _rows(ctx) == before


def test_LG_12_a_forged_sign_in_is_refused(visitor: Visitor) -> None:
    values = {"username": "mallory1", "password": "x"}
    assert visitor.send("POST", f"{ISSUER}/sign-in", values).status == 403


@pytest.mark.parametrize("path", _PATHS)
def test_RG_10_odd_text_in_any_field_is_a_page_that_helps(path: str, visitor: Visitor) -> None:
    proof = token(visitor)
    for name, odd in product(_FIELDS, _ODD):
        sent = {"username": "nobody99", "password": "p", "code": "1", "name": "n", name: odd}
        raw = {key: value.encode("utf-8", "surrogatepass") for key, value in sent.items()}
        data = {**raw, "csrf_token": proof.encode()}
        answer = visitor.client.post(f"{ISSUER}{path}", data=data)
        assert answer.status_code < 500, (path, name)
        assert answer.status_code in {200, 303} or "<h1" in answer.text


@pytest.mark.parametrize("path", _PATHS)
def test_IN_03_repeated_and_oversized_input_is_refused(path: str, app: Flask) -> None:
    client = app.test_client()
    proof = _proof(client)
    twice = client.post(path, data={"csrf_token": proof, "code": ["1", "2"]})
    assert twice.status_code == 400
    large = client.post(path, data={"csrf_token": proof, "code": "9" * 100_000})
    assert large.status_code == 413
    many = client.post(path, data={"csrf_token": proof, **{f"f{n}": "" for n in range(5000)}})
    assert many.status_code == 413


@pytest.mark.parametrize("path", _PATHS)
def test_a_transaction_that_nobody_has_is_a_step_that_is_over(path: str, app: Flask) -> None:
    client = app.test_client()
    for handle in ("x", "A" * 43, "../..", "é", "A" * 5000):
        answer = client.post(path, data={"csrf_token": _proof(client), "tx": handle})
        ends = {"/sign-out": 303, "/session/stay": 200, "/session/keep": 200}
        expected = ends.get(path, 410)
        assert answer.status_code == expected, handle


def test_LG_11_a_password_of_four_kilobytes_is_refused_before_hashing(visitor: Visitor) -> None:
    page = open_page(visitor, "/sign-in")
    refused = page.submit({"username": "nobody99", "password": "p" * 4096})
    assert refused.status == 422
    assert "Use at most 512 characters here." in refused.text


def _proof(client: FlaskClient) -> str:
    page = client.get("/sign-in").text
    return page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]


def _rows(ctx: Context) -> list[object]:
    ctx.db.rollback()
    tables = ["session", "flow_transaction", "attempt_counter", "outbox", "one_time_code"]
    return [ctx.db.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608


def test_RG_10_every_page_that_refuses_a_form_can_be_read_in_the_other_language(
    app: Flask, open_visitor: OpenVisitor
) -> None:
    for rule in forms_of_people(app):
        visitor = open_visitor()
        asked = open_page(visitor, "/unlock").submit({"username": "nobody99"})
        sent = {"csrf_token": token(visitor), "tx": asked.query["tx"]}
        refused = visitor.send("POST", f"{ISSUER}{rule.rule}", sent)
        if 'hreflang="es"' not in refused.response.text:
            continue  # no page, or one at the end of its way
        switched = visitor.open(refused.link("Español"))
        assert switched.status not in {405, 500}, rule.rule
        assert next(iter(switched.document.all("html"))).get("lang") == "es"


def test_RG_10_a_tab_told_to_wait_reads_the_same_step_in_the_other_language(
    visitor: Visitor,
) -> None:
    asked = open_page(visitor, "/unlock").submit({"username": "nobody99"})
    early = asked.submit(button="Send a new code")
    assert early.path == "/unlock/resend"
    switched = visitor.open(early.link("Español"))
    assert (switched.status, switched.path) == (200, "/unlock/code")


@pytest.mark.parametrize("query", ["lang=\xff\xfe", "\x86", "tx=\xf6&lang=es", "lang=%ff"])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/health/live"])
def test_IN_11_raw_bytes_in_an_address_break_nothing(app: Flask, path: str, query: str) -> None:
    answer = app.test_client().get(path, environ_overrides={"QUERY_STRING": query})
    assert answer.status_code in {200, 303, 400, 404}
    assert path != "/sign-in" or answer.status_code == 400
