"""Introspection and revocation (security.md, UI-03 to UI-05 and JW)."""

from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.clients import service as clients
from idp.oidc.grants import purge
from idp.people.accounts.service import Account
from idp.people.sessions import service as sessions
from tests.oidc import story
from tests.oidc.story import Application, Browser
from tests.oidc.test_statements import counting
from tests.parts.application import ISSUER, START, on_both_databases

RESOURCE = "https://api.example/records"
INACTIVE = {"active": False}


def said(client: FlaskClient, application: Application, token: str, **more: str) -> dict[str, Any]:
    """What introspection tells an application about a token."""
    answer = application.post(client, "/oidc/introspect", {"token": token, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.get_json()
    return found


def give_back(client: FlaskClient, application: Application, token: str, **more: str) -> int:
    return application.post(client, "/oidc/revoke", {"token": token, **more}).status_code


@pytest.fixture
def asking(ctx: Context) -> Application:
    """An application that may ask for tokens for a resource."""
    return story.register(ctx, "asking", resources=[RESOURCE])


@pytest.fixture
def api(ctx: Context) -> Application:
    """The resource itself."""
    return story.register(
        ctx, "api", grant_types=["client_credentials"], redirect_uris=[], scope="access:read",
        post_logout_redirect_uris=[], serves=[RESOURCE], reports_activity=False,
    )  # fmt: skip


@on_both_databases
def test_a_client_learns_about_its_own_tokens(
    browser: Browser, portal: Application, recipient: Account
) -> None:
    tokens = browser.tokens(portal, scope="openid email")
    issued = int(START.timestamp())
    shared = {
        "active": True,
        "iss": ISSUER,
        "aud": ISSUER,
        "client_id": "portal",
        "sub": recipient.sub,
        "scope": "openid email",
        "iat": issued,
        "auth_time": issued,
        "acr": "urn:ncid:acr:aal2",
        "amr": ["pwd", "otp", "mfa"],
    }
    access = said(browser.client, portal, tokens["access_token"])
    assert access == shared | {"token_type": "Bearer", "exp": issued + 900}
    refresh = said(browser.client, portal, tokens["refresh_token"])
    assert refresh == shared | {"exp": issued + 43_200}
    for hint in ("access_token", "refresh_token", "nonsense"):
        hinted = said(browser.client, portal, tokens["refresh_token"], token_type_hint=hint)
        assert hinted == refresh


@on_both_databases
def test_introspection_costs_one_statement(
    app: Flask, browser: Browser, portal: Application
) -> None:
    token = browser.tokens(portal)["access_token"]
    for presented in (token, "unknown"):
        with counting(app) as statements:
            said(browser.client, portal, presented)
        assert len(statements) == 1, statements


def test_UI_03_nobody_learns_about_another_clients_token(
    ctx: Context, browser: Browser, portal: Application, api: Application
) -> None:
    other, tokens = story.register(ctx, "other"), browser.tokens(portal)
    for asker in (other, api):
        for token in (tokens["access_token"], tokens["refresh_token"], "unknown", "a.b.c", "ü"):
            assert said(browser.client, asker, token) == INACTIVE


def test_UI_03_whoever_does_not_prove_a_client_learns_nothing(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    public = story.register(ctx, "spa", token_endpoint_auth_method="none", reports_activity=False)
    token = browser.tokens(public)["access_token"]
    anonymous = browser.client.post("/oidc/introspect", data={"token": token})
    named = public.post(browser.client, "/oidc/introspect", {"token": token})
    for answer in (anonymous, named):
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    bearer = {"Authorization": f"Bearer {token}"}
    assert browser.client.post("/oidc/introspect", headers=bearer).status_code in {400, 401}
    missing = portal.post(browser.client, "/oidc/introspect", {})
    assert (missing.status_code, missing.get_json()["error"]) == (400, "invalid_request")
    assert browser.client.get("/oidc/introspect").status_code == 405


@on_both_databases
def test_what_is_over_is_not_active(
    ctx: Context, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    tokens = browser.tokens(portal)
    portal.refresh(browser.client, tokens["refresh_token"])
    assert said(browser.client, portal, tokens["refresh_token"]) == INACTIVE  # it was used
    assert said(browser.client, portal, tokens["access_token"])["active"]
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out")
    assert said(browser.client, portal, tokens["access_token"]) == INACTIVE


def test_an_expired_token_is_not_active(
    browser: Browser, portal: Application, ctx: Context, clock: FixedClock
) -> None:
    token = browser.tokens(portal)["access_token"]
    clock.advance(450)
    with writing(ctx.db):
        sessions.record_activity(ctx, browser.session.id)
    clock.advance(449)
    assert said(browser.client, portal, token)["active"]
    clock.advance(1)
    assert said(browser.client, portal, token) == INACTIVE


def test_JW_07_a_token_for_a_resource_is_a_jwt_that_opens_the_resource_alone(
    browser: Browser, asking: Application, api: Application, recipient: Account
) -> None:
    tokens = browser.tokens(asking, scope="openid email", resource=RESOURCE)
    token, issued = tokens["access_token"], int(START.timestamp())
    header = jwt.get_unverified_header(token)
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    claims = story.claims_of(browser.client, token, RESOURCE)
    jti = claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "aud": RESOURCE,
        "sub": recipient.sub,
        "client_id": "asking",
        "iat": issued,
        "exp": issued + 900,
        "scope": "openid email",
        "auth_time": issued,
        "acr": "urn:ncid:acr:aal2",
        "amr": ["pwd", "otp", "mfa"],
    }
    found = said(browser.client, api, token)
    assert found == claims | {"active": True, "token_type": "Bearer", "jti": jti}
    assert said(browser.client, asking, token) == found
    assert browser.userinfo(token).status_code == 401
    # The jti alone is no token, neither here nor there.
    assert browser.userinfo(jti).status_code == 401
    assert said(browser.client, api, jti) == INACTIVE
    hash_of = story.claims_of(browser.client, tokens["id_token"], "asking")["at_hash"]
    assert hash_of == story.half_hash(token)


def test_a_client_with_a_token_for_a_resource_gets_one_for_userinfo_beside_it(
    browser: Browser, asking: Application
) -> None:
    first = browser.tokens(asking, resource=RESOURCE)
    own = asking.refresh(browser.client, first["refresh_token"], resource=ISSUER).get_json()
    assert browser.userinfo(own["access_token"]).status_code == 200
    back = asking.refresh(browser.client, own["refresh_token"]).get_json()
    assert story.claims_of(browser.client, back["access_token"], RESOURCE)["aud"] == RESOURCE
    wrong = asking.refresh(browser.client, back["refresh_token"], resource="https://x.example/")
    assert (wrong.status_code, wrong.get_json()["error"]) == (400, "invalid_target")
    assert asking.refresh(browser.client, back["refresh_token"]).status_code == 200


def test_a_code_is_not_used_up_by_asking_for_the_wrong_resource(
    browser: Browser, asking: Application
) -> None:
    code = browser.code(asking)
    wrong = asking.redeem(browser.client, code, resource=RESOURCE)
    assert (wrong.status_code, wrong.get_json()["error"]) == (400, "invalid_target")
    assert asking.redeem(browser.client, code).status_code == 200


def test_a_repeated_answer_holds_a_jwt_of_the_same_identity(
    browser: Browser, asking: Application, clock: FixedClock
) -> None:
    first = browser.tokens(asking, resource=RESOURCE)
    second = asking.refresh(browser.client, first["refresh_token"]).get_json()
    clock.advance(9)
    again = asking.refresh(browser.client, first["refresh_token"]).get_json()
    one, two = (
        story.claims_of(browser.client, answer["access_token"], RESOURCE)
        for answer in (second, again)
    )
    assert one == two
    assert again["expires_in"] == 891


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_a_token_for_a_resource_is_signed_as_its_client_registered(
    ctx: Context, browser: Browser, alg: str
) -> None:
    modern = story.register(ctx, "modern", resources=[RESOURCE], id_token_signed_response_alg=alg)
    token = browser.tokens(modern, resource=RESOURCE)["access_token"]
    assert story.claims_of(browser.client, token, RESOURCE, [alg])["client_id"] == "modern"


def test_JW_01_forged_jwts_are_not_active(
    browser: Browser, asking: Application, api: Application
) -> None:
    tokens = browser.tokens(asking, resource=RESOURCE)
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    stranger = story.SigningKey.make("RS256")
    kid = jwt.get_unverified_header(tokens["access_token"])["kid"]
    forged = [
        jwt.encode(claims, "", "none", {"typ": "at+jwt"}),
        stranger.sign(claims, typ="at+jwt", kid=kid),
        tokens["access_token"][:-6] + "AAAAAA",
        tokens["id_token"],
        "e30.e30.e30",
        "." * 5000,
    ]
    for token in forged:
        assert said(browser.client, api, token) == INACTIVE
        assert said(browser.client, asking, token) == INACTIVE
        assert browser.userinfo(token).status_code == 401


@on_both_databases
def test_a_program_acts_in_its_own_name(client: FlaskClient, ctx: Context) -> None:
    batch = story.register(
        ctx, "batch", grant_types=["client_credentials"], redirect_uris=[],
        post_logout_redirect_uris=[], scope="organizations:write access:read",
        resources=[RESOURCE], reports_activity=False,
    )  # fmt: skip
    answer = batch.post(client, "/oidc/token", {"grant_type": "client_credentials"})
    body = answer.get_json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = body.pop("access_token")
    everything = "access:read organizations:write"
    assert body == {"token_type": "Bearer", "expires_in": 900, "scope": everything}
    found = said(client, batch, token)
    assert (found["active"], found["sub"], found["scope"]) == (True, "batch", everything)
    assert "auth_time" not in found
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/oidc/userinfo", headers=headers).status_code == 401
    narrow = {"grant_type": "client_credentials", "scope": "access:read", "resource": RESOURCE}
    signed = batch.post(client, "/oidc/token", dict(narrow)).get_json()["access_token"]
    claims = story.claims_of(client, signed, RESOURCE)
    assert (claims["sub"], claims["client_id"], claims["scope"]) == (
        "batch", "batch", "access:read",
    )  # fmt: skip
    assert "auth_time" not in claims
    assert said(client, batch, signed)["active"]
    assert give_back(client, batch, token) == 200
    assert said(client, batch, token) == INACTIVE
    assert said(client, batch, signed)["active"]
    clients.disable(ctx, "batch")
    rows = ctx.db.execute(text("SELECT * FROM oidc_client_token")).all()
    assert token not in str(rows)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "access:write"}, "invalid_scope"),
        ({"scope": "access:read openid"}, "invalid_scope"),
        ({"resource": "https://other.example/"}, "invalid_target"),
    ],
)
def test_a_program_gets_no_more_than_is_registered(
    client: FlaskClient, api: Application, changes: dict[str, str | None], error: str
) -> None:
    form: dict[str, str | None] = {"grant_type": "client_credentials"}
    answer = api.post(client, "/oidc/token", form | changes)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


def test_what_a_program_may_do_is_never_granted_by_a_person(ctx: Context, browser: Browser) -> None:
    both = story.register(
        ctx, "both", scope="openid email access:read",
        grant_types=["authorization_code", "client_credentials"],
    )  # fmt: skip
    tokens = browser.tokens(both, scope="openid access:read")
    assert tokens["scope"] == "openid"


def test_UI_03_a_resource_learns_of_a_programs_tokens_for_it(
    ctx: Context, client: FlaskClient, api: Application
) -> None:
    batch = story.register(
        ctx, "batch", grant_types=["client_credentials"], redirect_uris=[],
        post_logout_redirect_uris=[], scope="access:read", resources=[RESOURCE],
        reports_activity=False,
    )  # fmt: skip
    form: dict[str, str | None] = {"grant_type": "client_credentials"}
    own = batch.post(client, "/oidc/token", form).get_json()["access_token"]
    for_api = batch.post(client, "/oidc/token", form | {"resource": RESOURCE}).get_json()
    assert said(client, api, own) == INACTIVE
    assert said(client, api, for_api["access_token"])["client_id"] == "batch"


def test_a_client_registered_otherwise_meanwhile_must_prove_itself_again(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    token = browser.tokens(portal)["access_token"]
    with writing(ctx.db):
        ctx.db.execute(text("UPDATE oidc_client SET version = version + 1"))
    assert said(browser.client, portal, token)["active"]
    with writing(ctx.db):
        replaced = ctx.digests.keyed(clients.SECRET_PURPOSE, "another")
        ctx.db.execute(
            text("UPDATE oidc_client SET version = version + 1, secret_hash = :new"),
            {"new": replaced},
        )
    assert portal.post(browser.client, "/oidc/introspect", {"token": token}).status_code == 401


@on_both_databases
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "x", ""])
def test_UI_05_a_refresh_token_given_back_ends_its_family(
    ctx: Context, browser: Browser, portal: Application, hint: str
) -> None:
    tokens = browser.tokens(portal)
    second = portal.refresh(browser.client, tokens["refresh_token"]).get_json()
    assert give_back(browser.client, portal, second["refresh_token"], token_type_hint=hint) == 200
    for access in (tokens["access_token"], second["access_token"]):
        assert browser.userinfo(access).status_code == 401
        assert said(browser.client, portal, access) == INACTIVE
    refused = portal.refresh(browser.client, second["refresh_token"])
    assert refused.get_json()["error"] == "invalid_grant"
    events = ctx.db.execute(text("SELECT event FROM audit_event")).scalars().all()
    assert "oidc.token_revoked" in events


@on_both_databases
@pytest.mark.parametrize("resource", [None, RESOURCE])
def test_UI_05_an_access_token_given_back_ends_alone(
    browser: Browser, asking: Application, resource: str | None
) -> None:
    tokens = browser.tokens(asking, resource=resource)
    token = tokens["access_token"]
    assert give_back(browser.client, asking, token, token_type_hint="refresh_token") == 200
    assert browser.userinfo(token).status_code == 401
    assert said(browser.client, asking, token) == INACTIVE
    assert give_back(browser.client, asking, token) == 200
    assert asking.refresh(browser.client, tokens["refresh_token"]).status_code == 200


def test_UI_04_another_clients_token_still_works_for_its_owner(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    other, tokens = story.register(ctx, "other"), browser.tokens(portal)
    for token in (tokens["access_token"], tokens["refresh_token"]):
        answer = other.post(browser.client, "/oidc/revoke", {"token": token})
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
        anonymous = browser.client.post("/oidc/revoke", data={"token": token})
        assert anonymous.status_code == 401
    assert browser.userinfo(tokens["access_token"]).status_code == 200
    assert portal.refresh(browser.client, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "ü\x00", "x" * 9000])
def test_giving_back_what_is_no_token_is_fine(
    browser: Browser, portal: Application, token: str
) -> None:
    assert give_back(browser.client, portal, token) == 200


def test_a_public_client_gives_its_tokens_back(ctx: Context, browser: Browser) -> None:
    public = story.register(ctx, "spa", token_endpoint_auth_method="none", reports_activity=False)
    tokens = browser.tokens(public)
    assert give_back(browser.client, public, tokens["refresh_token"]) == 200
    assert browser.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("path", ["/oidc/introspect", "/oidc/revoke"])
def test_TK_21_parameters_of_presented_tokens_belong_into_a_form_body(
    browser: Browser, portal: Application, path: str
) -> None:
    client, basic = browser.client, portal.basic()
    assert client.post(f"{path}?token=x", headers=basic).status_code == 400
    assert client.post(path, json={"token": "x"}, headers=basic).status_code == 400
    twice = client.post(
        path, data=b"token=a&token=b", headers=basic,
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert (twice.status_code, twice.get_json()["error"]) == (400, "invalid_request")


def test_tokens_of_programs_are_deleted_when_they_are_long_over(
    ctx: Context, client: FlaskClient, api: Application, clock: FixedClock
) -> None:
    api.post(client, "/oidc/token", {"grant_type": "client_credentials"})
    clock.advance(900 + 86_400)
    assert purge.forget_ended(ctx) == 0
    clock.advance(1)
    assert purge.forget_ended(ctx) == 1
