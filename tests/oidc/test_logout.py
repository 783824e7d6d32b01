"""RP-initiated logout (security.md, LO)."""

import base64
import json
import re
from datetime import timedelta
from html import unescape

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt as joserfc_jwt
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts.service import Account
from tests.oidc import story
from tests.oidc.story import (
    SIGNED_OUT,
    Application,
    Browser,
    answer_of,
    is_refusal_page,
    location_query,
)
from tests.parts.application import ISSUER, on_both_databases

END = "/oidc/end-session"


def is_signed_in(browser: Browser, portal: Application) -> bool:
    return "code" in answer_of(browser.authorize(portal, prompt="none"))


@on_both_databases
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_applications_own_hint_signs_out_at_once(
    ctx: Context, browser: Browser, portal: Application, method: str
) -> None:
    hint = browser.tokens(portal)["id_token"]
    sent = {
        "id_token_hint": hint,
        "post_logout_redirect_uri": SIGNED_OUT,
        "state": "a state / with ümlauts",
    }
    if method == "get":
        answer = browser.client.get(END, query_string=sent)
    else:
        answer = browser.client.post(END, data=sent)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{SIGNED_OUT}?state=")
    assert location_query(answer) == {"state": ["a state / with ümlauts"]}
    assert not is_signed_in(browser, portal)
    kinds = ctx.db.execute(text("SELECT kind FROM outbox")).scalars().all()
    assert kinds == ["backchannel_logout"]


def test_LO_05_who_asked_for_the_sign_out_is_recorded(
    ctx: Context, browser: Browser, portal: Application, recipient: Account
) -> None:
    hint = browser.tokens(portal)["id_token"]
    browser.client.get(END, query_string={"id_token_hint": hint})
    browser.client.get(END, query_string={"id_token_hint": hint})
    rows = ctx.db.execute(
        text("SELECT client_id, subject_id FROM audit_event WHERE event = 'oidc.signed_out'")
    ).all()
    assert [tuple(row) for row in rows] == [(portal.client_id, recipient.id)]


def test_without_a_state_none_is_added(browser: Browser, portal: Application) -> None:
    sent = {
        "id_token_hint": browser.tokens(portal)["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT,
        "client_id": portal.client_id,
    }
    assert browser.client.get(END, query_string=sent).headers["Location"] == SIGNED_OUT


def test_without_a_place_to_go_the_person_sees_our_page(
    browser: Browser, portal: Application
) -> None:
    sent = {"id_token_hint": browser.tokens(portal)["id_token"], "state": "x"}
    page = browser.client.get(END, query_string=sent)
    assert page.status_code == 200
    assert "You are signed out" in page.text
    assert not is_signed_in(browser, portal)


@pytest.mark.parametrize(
    "sent",
    [{}, {"state": "x"}, {"post_logout_redirect_uri": SIGNED_OUT}, {"client_id": "portal"},
     {"client_id": "portal", "post_logout_redirect_uri": SIGNED_OUT, "state": "x"}],
)  # fmt: skip
def test_without_a_hint_the_person_is_asked_and_nothing_is_redirected(
    browser: Browser, portal: Application, sent: dict[str, str]
) -> None:
    page = browser.client.get(END, query_string=sent)
    assert page.status_code == 200
    assert "Do you want to sign out?" in page.text
    assert is_signed_in(browser, portal)
    done = browser.client.post("/oidc/end-session/confirm", data=_form(page.text))
    assert done.status_code == 200
    assert "You are signed out" in done.text
    assert not is_signed_in(browser, portal)


def test_the_confirmation_needs_its_own_form_token(browser: Browser, portal: Application) -> None:
    assert browser.client.post("/oidc/end-session/confirm").status_code == 403
    assert is_signed_in(browser, portal)


def test_the_hint_of_another_session_asks_first(
    ctx: Context, app: Flask, recipient: Account, browser: Browser, portal: Application
) -> None:
    elsewhere = story.sign_in(ctx, app, recipient)
    sent = {
        "id_token_hint": elsewhere.tokens(portal)["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT,
        "state": "<x>",
    }
    page = browser.client.get(END, query_string=sent)
    assert "A Portal asks us to sign you out." in page.text
    assert is_signed_in(browser, portal)
    assert "http://localhost:9001" in page.headers["Content-Security-Policy"]
    done = browser.client.post("/oidc/end-session/confirm", data=_form(page.text))
    assert location_query(done) == {"state": ["<x>"]}
    assert not is_signed_in(browser, portal)
    assert is_signed_in(elsewhere, portal)


def test_a_person_without_a_session_is_led_back(
    app: Flask, browser: Browser, portal: Application
) -> None:
    sent = {
        "id_token_hint": browser.tokens(portal)["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT,
    }
    answer = app.test_client().get(END, query_string=sent)
    assert answer.headers["Location"] == SIGNED_OUT
    assert is_signed_in(browser, portal)


@pytest.mark.parametrize(
    "target",
    [f"{SIGNED_OUT}/", f"{SIGNED_OUT}?x=y", f"{SIGNED_OUT}%20", "https://evil.example/",
     SIGNED_OUT.replace("signed", "s%69gned"), SIGNED_OUT.replace("localhost", "LOCALHOST")],
)  # fmt: skip
def test_LO_01_only_a_registered_address_is_gone_to(
    browser: Browser, portal: Application, target: str
) -> None:
    sent = {
        "id_token_hint": browser.tokens(portal)["id_token"],
        "post_logout_redirect_uri": target,
    }
    assert is_refusal_page(browser.client.get(END, query_string=sent), "evil.example")
    assert is_signed_in(browser, portal)


def test_LO_01_a_line_break_in_state_stays_in_the_state(
    browser: Browser, portal: Application
) -> None:
    sent = {
        "id_token_hint": browser.tokens(portal)["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT,
        "state": "x\r\nSet-Cookie: a=b",
    }
    answer = browser.client.get(END, query_string=sent)
    assert location_query(answer) == {"state": ["x\r\nSet-Cookie: a=b"]}
    assert "a=b" not in answer.headers.get("Set-Cookie", "")


def test_LO_04_forged_hints_are_refused(browser: Browser, portal: Application) -> None:
    genuine = browser.tokens(portal)["id_token"]
    for forged in _forgeries(browser.client, genuine):
        sent = {"id_token_hint": forged, "post_logout_redirect_uri": SIGNED_OUT}
        assert is_refusal_page(browser.client.get(END, query_string=sent))
        assert is_refusal_page(browser.client.post(END, data=sent))
    assert is_signed_in(browser, portal)


@pytest.mark.parametrize(
    "changes", [{"sid": None}, {"aud": ["portal"]}, {"sub": 5}, {"iss": "https://x.example"}]
)
def test_LO_04_a_token_of_ours_that_is_no_id_token_is_refused(
    ctx: Context, browser: Browser, portal: Application, changes: dict[str, object]
) -> None:
    claims = jwt.decode(browser.tokens(portal)["id_token"], options={"verify_signature": False})
    key = ctx.signing_keys.active()
    header = {"alg": "RS256", "kid": key.kid}
    other = joserfc_jwt.encode(header, claims | changes, key.key, ["RS256"])
    assert is_refusal_page(browser.client.get(END, query_string={"id_token_hint": other}))


def test_LO_04_an_expired_hint_of_ours_is_accepted(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    hint = browser.tokens(portal)["id_token"]
    clock.advance(timedelta(days=30).total_seconds())
    sent = {"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT}
    assert browser.client.get(END, query_string=sent).headers["Location"] == SIGNED_OUT


def test_an_older_hint_of_the_same_session_is_accepted(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    first = browser.tokens(portal)
    clock.advance(60)
    browser.tokens(portal)
    sent = {"id_token_hint": first["id_token"], "post_logout_redirect_uri": SIGNED_OUT}
    assert browser.client.get(END, query_string=sent).headers["Location"] == SIGNED_OUT
    assert not is_signed_in(browser, portal)


@pytest.mark.parametrize("client_id", ["other", "nobody"])
def test_client_id_must_fit_the_hint(
    ctx: Context, browser: Browser, portal: Application, client_id: str
) -> None:
    story.register(ctx, "other")
    sent = {"id_token_hint": browser.tokens(portal)["id_token"], "client_id": client_id}
    assert is_refusal_page(browser.client.get(END, query_string=sent))
    assert is_signed_in(browser, portal)


def test_a_post_from_another_site_finds_the_session(
    app: Flask, browser: Browser, portal: Application
) -> None:
    sent = {
        "id_token_hint": browser.tokens(portal)["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT,
    }
    answer = app.test_client().post(END, data=sent)
    assert "Set-Cookie" not in answer.headers
    assert browser.client.get(answer.headers["Location"]).headers["Location"] == SIGNED_OUT
    assert not is_signed_in(browser, portal)


def test_LO_05_after_signing_out_everything_is_over(browser: Browser, portal: Application) -> None:
    tokens, code = browser.tokens(portal), browser.code(portal)
    cookie = browser.client.get_cookie("idp")
    assert cookie
    browser.client.get(END, query_string={"id_token_hint": tokens["id_token"]})
    browser.client.set_cookie("idp", cookie.value, domain="localhost")
    assert not is_signed_in(browser, portal)
    assert portal.redeem(browser.client, code).status_code == 400
    assert portal.refresh(browser.client, tokens["refresh_token"]).status_code == 400
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_LO_05_another_tab_changes_and_shows_nothing_any_more(
    browser: Browser, portal: Application
) -> None:
    """The page was open when the person signed out elsewhere; its form and "back" find nobody."""
    hint = browser.tokens(portal)["id_token"]
    open_tab = _form(browser.client.get(END).text)
    browser.client.get(END, query_string={"id_token_hint": hint})
    assert browser.client.post("/session/stay", data=open_tab).status_code == 403
    again = browser.client.get("/account")
    assert again.status_code == 303
    assert again.headers["Location"].startswith("/sign-in")
    assert again.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("raw", ["id_token_hint=%ff", "state=a&state=b", "a=1&" * 70])
def test_unreadable_requests_are_400(browser: Browser, raw: str) -> None:
    assert is_refusal_page(browser.client.get(f"{END}?{raw}"))


def _form(page: str) -> dict[str, str]:
    fields = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    return {name: unescape(value) for name, value in fields}


def _forgeries(client: FlaskClient, genuine: str) -> list[str]:
    """The genuine token changed or signed by somebody else."""
    claims = jwt.decode(genuine, options={"verify_signature": False})
    header = jwt.get_unverified_header(genuine)
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.dumps(client.get("/oidc/jwks").get_json()["keys"][0])
    head, body, signature = genuine.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"NoNe"}').decode().rstrip("=")
    other = jwt.encode(claims | {"iss": f"{ISSUER}.evil"}, foreign, "RS256", header)
    return [
        jwt.encode(claims, "", "none", {"kid": header["kid"]}),
        f"{none}.{body}.",
        jwt.encode(claims, foreign, "RS256", {"kid": header["kid"]}),
        jwt.encode(claims, foreign, "RS256", {"kid": "unknown"}),
        jwt.encode(claims, foreign, "RS256"),
        jwt.encode(claims, public * 2, "HS256", {"kid": header["kid"]}),
        other,
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}",
        "x",
        "." * 10,
        "é.é.é",
    ]
