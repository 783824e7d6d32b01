"""The token endpoint (security.md, TK) and what it issues (JW)."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.clients import service as clients
from idp.oidc.grants import purge
from idp.oidc.grants.model import GrantRow, TokenRow
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.sessions import service as sessions
from tests.oidc import story
from tests.oidc.story import Application, Browser, claims_of
from tests.parts.application import ISSUER, START, on_both_databases


def is_invalid_grant(response: TestResponse) -> bool:
    return (response.status_code, response.get_json()["error"]) == (400, "invalid_grant")


@on_both_databases
def test_a_code_becomes_tokens(browser: Browser, portal: Application) -> None:
    response = portal.redeem(browser.client, browser.code(portal))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    body = response.get_json()
    assert set(body) == {
        "access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope",
    }  # fmt: skip
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 900, "openid")


@on_both_databases
def test_an_id_token_says_who_when_and_how(
    browser: Browser, portal: Application, recipient: Account
) -> None:
    tokens = browser.tokens(portal, scope="openid ncid access")
    claims = claims_of(browser.client, tokens["id_token"], "portal")
    issued = int(START.timestamp())
    assert claims == {
        "iss": ISSUER,
        "sub": recipient.sub,
        "aud": "portal",
        "azp": "portal",
        "iat": issued,
        "exp": issued + 900,
        "auth_time": issued,
        "nonce": "a-nonce",
        "acr": "urn:ncid:acr:aal2",
        "amr": ["pwd", "otp", "mfa"],
        "sid": browser.session.sid,
        "at_hash": story.half_hash(tokens["access_token"]),
        "ncid": {"username": "rrecipient", "account_type": "individual"},
        "access": [],
    }
    header = jwt.get_unverified_header(tokens["id_token"])
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_an_application_may_choose_another_algorithm(
    ctx: Context, browser: Browser, alg: str
) -> None:
    modern = story.register(ctx, "modern", id_token_signed_response_alg=alg)
    tokens = browser.tokens(modern)
    claims = claims_of(browser.client, tokens["id_token"], "modern", [alg])
    assert claims["aud"] == "modern"
    assert claims["at_hash"] == story.half_hash(tokens["access_token"], alg)


@on_both_databases
def test_TK_01_a_code_used_twice_kills_what_it_gave(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    code = browser.code(portal)
    tokens = portal.redeem(browser.client, code).get_json()
    assert browser.userinfo(tokens["access_token"]).status_code == 200
    assert is_invalid_grant(portal.redeem(browser.client, code))
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    assert is_invalid_grant(portal.refresh(browser.client, tokens["refresh_token"]))
    assert "oidc.code_reused" in _events(ctx)


@on_both_databases
def test_TK_01_fifty_redemptions_at_once_have_one_winner(
    ctx: Context, app: Flask, browser: Browser, portal: Application
) -> None:
    code = browser.code(portal)

    def redeem(_number: int) -> int:
        return portal.redeem(app.test_client(), code).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(redeem, range(50)))
    assert statuses.count(200) == 1
    assert statuses.count(400) == 49
    grant = ctx.db.scalars(select(GrantRow)).one()
    assert grant.revoked_because == "code_reused"
    assert len(ctx.db.scalars(select(TokenRow)).all()) == 2


def test_TK_03_another_client_burns_the_code(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    other = story.register(ctx, "other")
    other.verifier = portal.verifier
    code = browser.code(portal)
    assert is_invalid_grant(other.redeem(browser.client, code))
    assert is_invalid_grant(portal.redeem(browser.client, code))


@pytest.mark.parametrize("uri", [None, "", "http://localhost:9001/callback/", "https://x.example"])
def test_TK_04_the_redirect_uri_must_be_the_same(
    browser: Browser, portal: Application, uri: str | None
) -> None:
    code = browser.code(portal)
    assert is_invalid_grant(portal.redeem(browser.client, code, redirect_uri=uri))


@pytest.mark.parametrize("verifier", [None, "", "short", "x" * 43, "x" * 129, "ü" * 43])
def test_TK_05_the_first_wrong_verifier_burns_the_code(
    browser: Browser, portal: Application, verifier: str | None
) -> None:
    code = browser.code(portal)
    assert is_invalid_grant(portal.redeem(browser.client, code, code_verifier=verifier))
    assert is_invalid_grant(portal.redeem(browser.client, code))


def test_TK_06_a_verifier_without_a_challenge_is_refused(ctx: Context, browser: Browser) -> None:
    old = story.register(ctx, "old", require_pkce=False)
    plain = {"code_challenge": None, "code_challenge_method": None}
    assert is_invalid_grant(old.redeem(browser.client, browser.code(old, **plain)))
    fine = old.redeem(browser.client, browser.code(old, **plain), code_verifier=None)
    assert fine.status_code == 200


def test_TK_07_a_code_lives_sixty_seconds(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    first, second = browser.code(portal), browser.code(portal)
    clock.advance(59)
    assert portal.redeem(browser.client, first).status_code == 200
    clock.advance(1)
    assert is_invalid_grant(portal.redeem(browser.client, second))


def test_TK_07_a_refresh_token_ends_with_the_overall_limit(
    ctx: Context, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    token = browser.tokens(portal)["refresh_token"]
    for _ in range(60):
        clock.advance(720)
        with writing(ctx.db):
            sessions.record_activity(ctx, browser.session.id)
        answer = portal.refresh(browser.client, token)
        if answer.status_code != 200:
            break
        token = answer.get_json()["refresh_token"]
    assert clock.now() - START == timedelta(hours=12)
    assert is_invalid_grant(answer)


@on_both_databases
def test_TK_09_a_refresh_token_used_again_kills_its_family(
    ctx: Context, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    first = browser.tokens(portal)
    second = portal.refresh(browser.client, first["refresh_token"]).get_json()
    assert browser.userinfo(first["access_token"]).status_code == 200
    clock.advance(10)
    assert is_invalid_grant(portal.refresh(browser.client, first["refresh_token"]))
    assert is_invalid_grant(portal.refresh(browser.client, second["refresh_token"]))
    assert browser.userinfo(second["access_token"]).status_code == 401
    assert "oidc.refresh_reused" in _events(ctx)


@on_both_databases
def test_a_lost_answer_may_be_asked_for_again_for_ten_seconds(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    first = browser.tokens(portal, scope="openid email")
    narrow = portal.refresh(browser.client, first["refresh_token"], scope="openid").get_json()
    clock.advance(9)
    again = portal.refresh(browser.client, first["refresh_token"]).get_json()
    names = ("access_token", "refresh_token", "scope")
    assert [again[name] for name in names] == [narrow[name] for name in names]
    third = portal.refresh(browser.client, again["refresh_token"])
    assert third.status_code == 200
    # The successor has been used now, so the first answer was not lost.
    assert is_invalid_grant(portal.refresh(browser.client, first["refresh_token"]))
    assert is_invalid_grant(portal.refresh(browser.client, third.get_json()["refresh_token"]))


@on_both_databases
def test_refreshing_many_times_at_once_makes_one_successor(
    ctx: Context, app: Flask, browser: Browser, portal: Application
) -> None:
    token = browser.tokens(portal)["refresh_token"]

    def refresh(_number: int) -> tuple[int, str]:
        answer = portal.refresh(app.test_client(), token)
        return answer.status_code, answer.get_json().get("refresh_token", "")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(refresh, range(24)))
    assert len(answers) == 1
    assert answers.pop()[0] == 200
    assert len(ctx.db.scalars(select(TokenRow)).all()) == 4


def test_a_refreshed_id_token_repeats_the_sign_in(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    tokens = browser.tokens(portal)
    clock.advance(600)
    refreshed = portal.refresh(browser.client, tokens["refresh_token"]).get_json()
    claims = claims_of(browser.client, refreshed["id_token"], "portal")
    first = claims_of(browser.client, tokens["id_token"], "portal")
    same = ("iss", "sub", "aud", "azp", "auth_time", "acr", "amr", "sid")
    assert [claims[name] for name in same] == [first[name] for name in same]
    assert claims["iat"] == first["iat"] + 600
    assert "nonce" not in claims


@pytest.mark.parametrize("reason", ["sign_out", "suspended", "password_reset"])
def test_LO_05_a_refresh_token_dies_with_its_session(
    ctx: Context, browser: Browser, portal: Application, reason: Any
) -> None:
    tokens = browser.tokens(portal)
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, reason)
    assert is_invalid_grant(portal.refresh(browser.client, tokens["refresh_token"]))
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_a_refresh_token_dies_when_the_session_is_idle(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    token = browser.tokens(portal)["refresh_token"]
    clock.advance(899)
    token = portal.refresh(browser.client, token).get_json()["refresh_token"]
    # Refreshing is automatic and counts as nobody's action.
    clock.advance(1)
    assert is_invalid_grant(portal.refresh(browser.client, token))


def test_a_suspended_person_gets_nothing(
    ctx: Context, browser: Browser, portal: Application, recipient: Account
) -> None:
    code, tokens = browser.code(portal), browser.tokens(portal)
    with writing(ctx.db):
        account = accounts.get(ctx, recipient.id)
        assert account
        accounts.set_state(ctx, account, "suspended")
    assert is_invalid_grant(portal.redeem(browser.client, code))
    assert is_invalid_grant(portal.refresh(browser.client, tokens["refresh_token"]))
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_TK_11_another_client_cannot_refresh_and_the_owner_still_can(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    other, token = story.register(ctx, "other"), browser.tokens(portal)["refresh_token"]
    assert is_invalid_grant(other.refresh(browser.client, token))
    anonymous = browser.client.post(
        "/oidc/token", data={"grant_type": "refresh_token", "refresh_token": token}
    )
    assert anonymous.status_code == 401
    assert portal.refresh(browser.client, token).status_code == 200


def test_TK_12_a_refresh_never_widens_the_scope(browser: Browser, portal: Application) -> None:
    token = browser.tokens(portal, scope="openid email")["refresh_token"]
    wider = portal.refresh(browser.client, token, scope="openid email profile")
    assert wider.get_json()["error"] == "invalid_scope"
    narrow = portal.refresh(browser.client, token, scope="openid").get_json()
    assert narrow["scope"] == "openid"
    assert "email" not in browser.userinfo(narrow["access_token"]).get_json()
    wide = portal.refresh(browser.client, narrow["refresh_token"]).get_json()
    assert wide["scope"] == "openid email"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_each_way_of_proving_a_client_works(ctx: Context, browser: Browser, method: str) -> None:
    changes = {"token_endpoint_auth_method": method, "reports_activity": False}
    one = story.register(ctx, "one", **changes)
    assert browser.tokens(one)["access_token"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"client_secret": ""},
        {"client_secret": "wrong"},
        {"client_id": "nobody"},
        {"client_id": "nobody", "client_secret": "wrong"},
        {"client_id": "a b\x00"},
    ],
)
def test_TK_16_TK_26_an_unproven_client_is_told_nothing(
    browser: Browser, portal: Application, changes: dict[str, str]
) -> None:
    sent = {"grant_type": "authorization_code", "code": "x", "client_id": "portal"} | changes
    response = browser.client.post("/oidc/token", data=sent)
    assert response.status_code == 401
    assert response.get_json() == {
        "error": "invalid_client",
        "error_description": "Client authentication failed.",
    }
    assert response.headers["WWW-Authenticate"].startswith("Basic ")


def test_TK_16_a_client_uses_the_one_method_it_is_registered_with(
    ctx: Context, browser: Browser
) -> None:
    poster = story.register(ctx, "poster", token_endpoint_auth_method="client_secret_post")
    code = browser.code(poster)
    poster.auth_method = "client_secret_basic"
    assert poster.redeem(browser.client, code).status_code == 401
    poster.auth_method = "client_secret_post"
    assert poster.redeem(browser.client, code).status_code == 200


def test_a_disabled_client_is_nobody_at_once(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    code, tokens = browser.code(portal), browser.tokens(portal)
    clients.disable(ctx, portal.client_id)
    assert portal.redeem(browser.client, code).status_code in {400, 401}
    assert portal.refresh(browser.client, tokens["refresh_token"]).status_code in {400, 401}
    assert browser.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"portal").decode(),
        "Basic " + base64.b64encode(b"portal:").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"portal:%zz").decode(),
        "Basic " + "A" * 100_000,
        "Bearer x",
        "Digest username=portal",
    ],
)
def test_TK_21_broken_credentials_are_refused(
    browser: Browser, portal: Application, header: str
) -> None:
    response = browser.client.post(
        "/oidc/token",
        data={"grant_type": "authorization_code", "code": "x"},
        headers={"Authorization": header},
    )
    assert response.status_code == 401
    assert response.get_json()["error"] == "invalid_client"


def test_TK_21_parameters_belong_into_a_form_body(browser: Browser, portal: Application) -> None:
    code = browser.code(portal)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": portal.verifier,
    }
    client, basic = browser.client, portal.basic()
    assert client.post(f"/oidc/token?{story.encoded(form)}", headers=basic).status_code == 400
    assert client.post("/oidc/token?x=y", data=form, headers=basic).status_code == 400
    assert client.post("/oidc/token", json=form, headers=basic).status_code == 400
    assert client.get("/oidc/token", query_string=form, headers=basic).status_code == 405
    both = client.post("/oidc/token", data=form | {"client_secret": "x"}, headers=basic)
    assert both.get_json()["error"] == "invalid_request"
    assert client.post("/oidc/token", data=form, headers=basic).status_code == 200


@pytest.mark.parametrize(
    ("grant", "error"),
    [("password", "unsupported_grant_type"), ("implicit", "unsupported_grant_type"),
     ("x\"\\ü", "unsupported_grant_type"),
     ("urn:ietf:params:oauth:grant-type:token-exchange", "unsupported_grant_type"),
     ("urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
     # Offered, but not to this application.
     ("client_credentials", "unauthorized_client"),
     ("urn:ietf:params:oauth:grant-type:device_code", "unauthorized_client")],
)  # fmt: skip
def test_TK_23_other_grants_are_not_offered(
    browser: Browser, portal: Application, grant: str, error: str
) -> None:
    response = portal.post(browser.client, "/oidc/token", {"grant_type": grant})
    assert response.status_code == 400
    assert response.get_json()["error"] == error


def test_TK_20_guessing_is_slowed_down_and_locks_nobody_else_out(
    ctx: Context, app: Flask, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    def guess(number: int, address: str = "203.0.113.9") -> TestResponse:
        form = {"grant_type": "authorization_code", "code": "x", "client_id": "portal"}
        sent = form | {"client_secret": f"guess-{number}"}
        return app.test_client().post(
            "/oidc/token", data=sent, environ_base={"REMOTE_ADDR": address}
        )

    statuses = [guess(number).status_code for number in range(23)]
    assert statuses == [401] * 21 + [429] * 2
    assert guess(0).headers["Retry-After"] == "60"
    assert guess(0, "203.0.113.10").status_code == 401
    assert browser.tokens(portal)["access_token"]
    clock.advance(60)
    assert guess(0).status_code == 401
    assert "oidc.client_authentication_failed" in _events(ctx)


def test_a_parameter_sent_twice_is_refused(browser: Browser, portal: Application) -> None:
    response = browser.client.post(
        "/oidc/token",
        data=b"grant_type=refresh_token&code=a&code=b",
        content_type="application/x-www-form-urlencoded",
        headers=portal.basic(),
    )
    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")


def test_TK_23_a_grant_must_be_registered(ctx: Context, browser: Browser) -> None:
    brief = story.register(ctx, "brief", grant_types=["authorization_code"])
    tokens = browser.tokens(brief)
    assert "refresh_token" not in tokens
    refused = brief.refresh(browser.client, "x")
    assert refused.get_json()["error"] == "unauthorized_client"


def test_TK_25_errors_are_not_kept_either(browser: Browser) -> None:
    response = browser.client.post("/oidc/token", data={"grant_type": "password"})
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"


def test_TK_26_unknown_expired_and_used_codes_look_the_same(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    used, expired = browser.code(portal), browser.code(portal)
    portal.redeem(browser.client, used)
    clock.advance(60)
    answers = [portal.redeem(browser.client, code) for code in (used, expired, "unknown", "\x00ü")]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1


def test_UI_08_no_origin_may_read_tokens(browser: Browser, portal: Application) -> None:
    response = browser.client.post("/oidc/token", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in response.headers


@on_both_databases
def test_DB_01_nothing_that_was_issued_stands_in_the_database(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    code = browser.code(portal)
    tokens = portal.redeem(browser.client, code).get_json()
    secrets = [code, tokens["access_token"], tokens["refresh_token"], str(portal.secret)]
    for table in ("oidc_grant", "oidc_token", "oidc_client", "audit_event", "session"):
        rows = [str(tuple(row)) for row in ctx.db.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608
        assert not [secret for secret in secrets for row in rows if secret in row]


_NAMES = st.sampled_from(
    [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "client_secret",
        "refresh_token",
        "scope",
        "x",
    ]
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.dictionaries(_NAMES, st.text(max_size=30), max_size=5),
    grant=st.sampled_from(["authorization_code", "refresh_token"]),
)
def test_whatever_is_sent_the_answer_is_an_error_of_the_standard(
    client: FlaskClient, portal: Application, changes: dict[str, str], grant: str
) -> None:
    sent = {"grant_type": grant, "code": "x", "refresh_token": "x"} | changes
    readable = {name: value.encode("utf-8", "replace").decode() for name, value in sent.items()}
    response = client.post("/oidc/token", data=readable, headers=portal.basic())
    assert response.status_code in {400, 401, 429}
    assert response.get_json()["error"] in {
        "invalid_request", "invalid_client", "invalid_grant", "invalid_scope",
        "unsupported_grant_type", "unauthorized_client",
    }  # fmt: skip


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=st.binary(max_size=60))
def test_whatever_bytes_are_sent_the_answer_is_400_or_401(client: FlaskClient, body: bytes) -> None:
    response = client.post(
        "/oidc/token", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code in {400, 401}


def _events(ctx: Context) -> set[str]:
    ctx.db.rollback()
    return set(ctx.db.execute(text("SELECT event FROM audit_event")).scalars())


@pytest.mark.parametrize("what", ["code", "refresh_token"])
def test_a_registration_that_changed_meanwhile_is_read_again(
    ctx: Context, browser: Browser, portal: Application, what: str
) -> None:
    code, tokens = browser.code(portal), browser.tokens(portal)
    with writing(ctx.db):
        ctx.db.execute(text("UPDATE oidc_client SET version = version + 1"))
    if what == "code":
        assert portal.redeem(browser.client, code).status_code == 200
    else:
        assert portal.refresh(browser.client, tokens["refresh_token"]).status_code == 200


def test_a_secret_that_was_replaced_does_not_work_for_a_moment_longer(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    code, tokens = browser.code(portal), browser.tokens(portal)
    replaced = ctx.digests.keyed(clients.SECRET_PURPOSE, "another secret")
    with writing(ctx.db):
        ctx.db.execute(
            text("UPDATE oidc_client SET version = version + 1, secret_hash = :new"),
            {"new": replaced},
        )
    assert portal.redeem(browser.client, code).status_code == 401
    assert portal.refresh(browser.client, tokens["refresh_token"]).status_code == 401


def test_what_is_long_over_is_deleted(
    ctx: Context, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    browser.tokens(portal)
    browser.code(portal)
    clock.advance(900 + 86_400 + 1)
    assert purge.forget_ended(ctx) == 2  # the access token, and the code nobody redeemed
    assert purge.forget_ended(ctx) == 0
    clock.advance(43_200)
    assert purge.forget_ended(ctx) == 1
