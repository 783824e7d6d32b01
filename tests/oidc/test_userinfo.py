"""The userinfo endpoint (security.md, UI and JW)."""

import jwt
import pytest
from flask.testing import FlaskClient

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.organizations import service as organizations
from idp.people.rights import service as rights
from tests.oidc import story
from tests.oidc.story import Application, Browser
from tests.parts.application import ISSUER, START, on_both_databases


@on_both_databases
def test_claims_follow_the_scope(
    ctx: Context, browser: Browser, portal: Application, recipient: Account
) -> None:
    with writing(ctx.db):
        account = accounts.get(ctx, recipient.id)
        assert account
        account.mobile_number = "+19195550123"
        account.address = {"formatted": "1 Main Street"}
    sub = {"sub": recipient.sub}
    profile = {
        "name": "Rosa Recipient",
        "given_name": "Rosa",
        "family_name": "Recipient",
        "preferred_username": "rrecipient",
        "locale": "en",
        "updated_at": int(START.timestamp()),
    }
    email = {"email": "rrecipient@example.org", "email_verified": True}
    phone = {"phone_number": "+19195550123", "phone_number_verified": False}
    address = {"address": {"formatted": "1 Main Street"}}
    ncid = {"ncid": {"username": "rrecipient", "account_type": "individual"}}
    wanted = {
        "openid": sub,
        "openid profile": sub | profile,
        "openid email": sub | email,
        "openid phone": sub | phone,
        "openid address": sub | address,
        "openid ncid": sub | ncid,
        story.EVERY_SCOPE: sub | profile | email | phone | address | ncid | {"access": []},
    }
    for scope, claims in wanted.items():
        token = browser.tokens(portal, scope=scope)["access_token"]
        assert browser.userinfo(token).get_json() == claims, scope


@on_both_databases
def test_rights_are_those_of_this_moment(
    ctx: Context, browser: Browser, portal: Application, recipient: Account
) -> None:
    token = browser.tokens(portal, scope="openid access")["access_token"]
    assert browser.userinfo(token).get_json()["access"] == []
    role = next(iter(ctx.policies.access_rights.roles))
    with writing(ctx.db):
        provider = organizations.add(
            ctx, kind="provider", name="A Clinic", npi="1234567893", verified=True
        )
        assert isinstance(provider, organizations.Organization)
        rights.grant_role(ctx, account_id=recipient.id, organization_id=provider.id, role=role)
    entries = browser.userinfo(token).get_json()["access"]
    assert [(entry["organization"], entry["npi"], entry["role"]) for entry in entries] == [
        ("A Clinic", "1234567893", role)
    ]


def test_a_token_is_taken_from_the_header_or_the_body(
    browser: Browser, portal: Application
) -> None:
    token, client = browser.tokens(portal)["access_token"], browser.client
    header = {"Authorization": f"Bearer {token}"}
    assert client.get("/oidc/userinfo", headers=header).status_code == 200
    assert client.post("/oidc/userinfo", headers=header).status_code == 200
    assert client.post("/oidc/userinfo", data={"access_token": token}).status_code == 200
    lower = {"Authorization": f"bearer {token}"}
    assert client.get("/oidc/userinfo", headers=lower).status_code == 200
    both = client.post("/oidc/userinfo", headers=header, data={"access_token": token})
    assert (both.status_code, both.get_json()["error"]) == (400, "invalid_request")


def test_UI_01_a_token_in_the_address_is_not_looked_at(
    browser: Browser, portal: Application
) -> None:
    token = browser.tokens(portal)["access_token"]
    response = browser.client.get(f"/oidc/userinfo?access_token={token}")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="idp"'


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Bearer ü", "Basic eDp5", "x"]
)
def test_UI_01_what_is_no_token_is_answered_with_a_challenge(
    client: FlaskClient, header: str
) -> None:
    response = client.get(
        "/oidc/userinfo", headers={"Authorization": header.encode().decode("latin-1")}
    )
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert response.headers["Cache-Control"] == "no-store"


def test_UI_01_an_expired_token_is_refused(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    clock.advance(1)
    code = browser.code(portal)
    clock.advance(1)
    token = portal.redeem(browser.client, code).get_json()["access_token"]
    clock.advance(897)
    assert browser.userinfo(token).status_code == 200
    clock.advance(1)  # the session is idle, a second before the token's own end
    assert browser.userinfo(token).status_code == 401


def test_JW_01_nothing_but_an_access_token_opens_userinfo(
    browser: Browser, portal: Application
) -> None:
    tokens = browser.tokens(portal)
    forged = jwt.encode({"sub": "x"}, "", algorithm="none")
    for token in (tokens["id_token"], tokens["refresh_token"], forged):
        assert browser.userinfo(token).status_code == 401


def test_JW_05_an_oversized_token_is_refused(client: FlaskClient) -> None:
    big = client.get("/oidc/userinfo", headers={"Authorization": "Bearer " + "a" * 100_000})
    assert big.status_code == 401
    body = client.post("/oidc/userinfo", data={"access_token": "a" * 100_000})
    assert body.status_code in {400, 413}
    broken = client.post(
        "/oidc/userinfo", data=b"%ff", content_type="application/x-www-form-urlencoded"
    )
    assert broken.status_code == 400


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_userinfo_is_signed_where_that_is_registered(
    ctx: Context, browser: Browser, recipient: Account, alg: str
) -> None:
    wants = story.register(ctx, "wants", userinfo_signed_response_alg=alg)
    tokens = browser.tokens(wants, scope="openid email")
    answer = browser.userinfo(tokens["access_token"])
    assert answer.mimetype == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    claims = story.claims_of(browser.client, answer.text, "wants", [alg])
    assert claims == {
        "iss": ISSUER,
        "aud": "wants",
        "sub": recipient.sub,
        "email": "rrecipient@example.org",
        "email_verified": True,
    }
    # A signed answer is no ID token: at sign-out it is no hint.
    hinted = browser.client.get("/oidc/end-session", query_string={"id_token_hint": answer.text})
    assert (hinted.status_code, "Location" in hinted.headers) != (303, True)
    refused = browser.userinfo("x")
    assert (refused.status_code, refused.mimetype) == (401, "application/json")
