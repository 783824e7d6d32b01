"""Dynamic registration and its management (RFC 7591, RFC 7592)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from werkzeug.test import TestResponse

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.oidc.registration import service
from tests.oidc.story import CALLBACK, Application, Browser, SigningKey
from tests.parts.application import ISSUER, on_both_databases

MINIMAL: dict[str, Any] = {"redirect_uris": [CALLBACK]}


def allow(ctx: Context, uses: int = 5, seconds: int = 3600) -> str:
    return service.allow(ctx, label="a developer", uses=uses, seconds=seconds)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def register(client: FlaskClient, token: str, **metadata: Any) -> TestResponse:
    return client.post("/oidc/register", json=MINIMAL | metadata, headers=bearer(token))


def application(described: dict[str, Any]) -> Application:
    return Application(
        described["client_id"],
        described.get("client_secret"),
        described["redirect_uris"][0],
        described["token_endpoint_auth_method"],
    )


def path_of(described: dict[str, Any]) -> str:
    address: str = described["registration_client_uri"]
    return address.removeprefix(ISSUER)


@on_both_databases
def test_a_developer_registers_a_client_that_works(
    ctx: Context, browser: Browser, client: FlaskClient
) -> None:
    answer = register(client, allow(ctx), client_name="New", unknown_member=["x"])
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.get_json()
    assert body["client_secret_expires_at"] == 0
    assert body["grant_types"] == ["authorization_code"]
    assert body["response_types"] == ["code"]
    assert body["token_endpoint_auth_method"] == "client_secret_basic"
    assert body["client_name"] == "New"
    assert "unknown_member" not in body
    assert not {"first_party", "require_pkce", "reports_activity", "resources"} & set(body)
    secrets = body["client_secret"], body["registration_access_token"]
    for table in ("oidc_client", "oidc_registration_token", "audit_event"):
        rows = ctx.db.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
        assert not [secret for secret in secrets if secret in str(rows)]
    # Nobody was asked yet, so the person sees the page of consent first.
    waiting = browser.authorize(application(body), scope="openid email")
    assert waiting.headers["Location"].startswith("/oidc/consent?")


@pytest.mark.parametrize(
    "header", [{}, bearer("wrong"), bearer(""), {"Authorization": "Basic eDp5"}]
)
def test_nobody_registers_without_being_allowed(
    client: FlaskClient, header: dict[str, str]
) -> None:
    answer = client.post("/oidc/register", json=MINIMAL, headers=header)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_permission_ends_with_its_uses_and_its_time(
    ctx: Context, client: FlaskClient, clock: FixedClock
) -> None:
    token = allow(ctx, uses=1)
    assert register(client, token, redirect_uris=["x"]).status_code == 400
    assert register(client, token).status_code == 201
    assert register(client, token).status_code == 401
    late = allow(ctx, seconds=60)
    clock.advance(60)
    assert register(client, late).status_code == 401
    clock.advance(1)
    assert service.forget_ended(ctx) == 2


@on_both_databases
def test_one_use_at_once_is_one_client(ctx: Context, app: Flask) -> None:
    token = allow(ctx, uses=1)
    with ThreadPoolExecutor(6) as pool:
        statuses = list(
            pool.map(lambda _: register(app.test_client(), token).status_code, range(6))
        )
    assert sorted(statuses) == [201] + [401] * 5


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://portal.example/x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://portal.example/x#y"]}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://portal.example/x"}, "invalid_redirect_uri"),
        ({"redirect_uris": [5]}, "invalid_redirect_uri"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"scope": "openid access:write"}, "invalid_client_metadata"),
        ({"scope": "openid everything"}, "invalid_client_metadata"),
        ({"jwks_uri": "https://portal.example/jwks"}, "invalid_client_metadata"),
        ({"sector_identifier_uri": "https://portal.example/"}, "invalid_client_metadata"),
        ({"id_token_encrypted_response_alg": "RSA-OAEP"}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "HS256"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "x"}]}}, "invalid_client_metadata"),
        ({"backchannel_logout_uri": "https://10.0.0.1/"}, "invalid_client_metadata"),
        ({"backchannel_logout_uri": "http://localhost:1/"}, "invalid_client_metadata"),
        ({"client_name": ""}, "invalid_client_metadata"),
        ({"client_name": "a\u0000b"}, "invalid_client_metadata"),
        ({"client_name": "\ud800"}, "invalid_client_metadata"),
        ({"client_name": "a\u202eb"}, "invalid_client_metadata"),
        ({"client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
    ],
)
def test_what_is_not_offered_is_refused_and_uses_nothing_up(
    ctx: Context, client: FlaskClient, metadata: dict[str, Any], error: str
) -> None:
    token = allow(ctx, uses=1)
    answer = register(client, token, **metadata)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)
    assert register(client, token).status_code == 201


@pytest.mark.parametrize("own", ["first_party", "reports_activity", "resources", "serves"])
def test_what_only_an_operator_decides_is_passed_over(
    ctx: Context, client: FlaskClient, own: str
) -> None:
    value: Any = ["https://api.example/"] if own in {"resources", "serves"} else True
    body = register(client, allow(ctx), **{own: value}).get_json()
    row = ctx.db.execute(
        text(f"SELECT {own} FROM oidc_client WHERE client_id = :id"),  # noqa: S608
        {"id": body["client_id"]},
    ).scalar()
    assert row in {0, "[]"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b'{"redirect_uris":[],"redirect_uris":[]}', "application/json"),
        (b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}", "application/json"),
        (b"\xff", "application/json"),
        (b'{"x":NaN}', "application/json"),
        (b"{}", "text/plain"),
        (b'{"x":"' + b"y" * 40_000 + b'"}', "application/json"),
    ],
)
def test_JW_05_a_body_that_cannot_be_read_is_an_error_of_the_standard(
    ctx: Context, client: FlaskClient, body: bytes, kind: str
) -> None:
    headers = bearer(allow(ctx))
    answer = client.post("/oidc/register", data=body, content_type=kind, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client_metadata")


@on_both_databases
def test_a_client_reads_and_changes_its_registration(ctx: Context, client: FlaskClient) -> None:
    made = register(client, allow(ctx), client_name="Before").get_json()
    path, token = path_of(made), made["registration_access_token"]
    read = client.get(path, headers=bearer(token)).get_json()
    assert read["client_name"] == "Before"
    assert "client_secret" not in read
    sent = MINIMAL | {"client_id": made["client_id"], "client_name": "After"}
    changed = client.put(path, json=sent, headers=bearer(token))
    assert changed.status_code == 200
    after = changed.get_json()
    assert after["client_name"] == "After"
    assert "client_secret" not in after
    # The token was replaced together with the registration.
    assert client.get(path, headers=bearer(token)).status_code == 401
    fresh = after["registration_access_token"]
    assert client.get(path, headers=bearer(fresh)).get_json()["client_name"] == "After"
    own = sent | {"client_secret": made["client_secret"]}
    again = client.put(path, json=own, headers=bearer(fresh))
    assert again.status_code == 200
    form: dict[str, str | None] = {"grant_type": "authorization_code", "code": "x"}
    proven = application(made).post(client, "/oidc/token", form)
    assert proven.get_json()["error"] == "invalid_grant"


def test_a_change_keeps_to_the_standard(ctx: Context, client: FlaskClient) -> None:
    made = register(client, allow(ctx)).get_json()
    path, headers = path_of(made), bearer(made["registration_access_token"])
    sent = MINIMAL | {"client_id": made["client_id"]}
    wrong: list[dict[str, Any]] = [
        MINIMAL,
        sent | {"client_id": "another"},
        sent | {"client_secret": "another"},
        sent | {"client_secret": 5},
        sent | {"registration_access_token": "x"},
        sent | {"client_id_issued_at": 1},
        sent | {"grant_types": ["password"]},
    ]
    for body in wrong:
        answer = client.put(path, json=body, headers=headers)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client_metadata")
    assert client.get(path, headers=headers).status_code == 200


def test_a_client_may_change_how_it_proves_itself(ctx: Context, client: FlaskClient) -> None:
    key = SigningKey.make()
    made = register(
        client, allow(ctx), token_endpoint_auth_method="private_key_jwt", jwks=key.jwks
    ).get_json()
    assert "client_secret" not in made
    sent = MINIMAL | {"client_id": made["client_id"]}
    headers = bearer(made["registration_access_token"])
    changed = client.put(path_of(made), json=sent, headers=headers).get_json()
    assert changed["client_secret"]
    form: dict[str, str | None] = {"grant_type": "authorization_code", "code": "x"}
    proven = application(changed).post(client, "/oidc/token", form)
    assert proven.get_json()["error"] == "invalid_grant"


@on_both_databases
def test_a_removed_client_is_nobody(ctx: Context, client: FlaskClient, clock: FixedClock) -> None:
    made = register(client, allow(ctx)).get_json()
    path, headers = path_of(made), bearer(made["registration_access_token"])
    removed = client.delete(path, headers=headers)
    assert (removed.status_code, removed.data) == (204, b"")
    assert client.delete(path, headers=headers).status_code == 401
    assert client.get(path, headers=headers).status_code == 401
    clock.advance(1)
    form: dict[str, str | None] = {"grant_type": "authorization_code", "code": "x"}
    assert application(made).post(client, "/oidc/token", form).status_code == 401


@pytest.mark.parametrize("path", ["nobody", "a%00b", "%ff", "x" * 200, "portal"])
def test_nobody_manages_a_client_with_another_token(
    ctx: Context, client: FlaskClient, portal: Application, path: str
) -> None:
    made = register(client, allow(ctx)).get_json()
    for headers in ({}, bearer("wrong"), bearer(made["registration_access_token"])):
        for method in ("GET", "PUT", "DELETE"):
            answer = client.open(
                f"/oidc/register/{path}", method=method, headers=headers, json=MINIMAL
            )
            assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_token")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_NAMES = st.sampled_from([
    "redirect_uris", "client_name", "client_name#es", "scope", "jwks", "grant_types",
    "response_types", "token_endpoint_auth_method", "subject_type", "application_type",
    "post_logout_redirect_uris", "backchannel_logout_uri", "frontchannel_logout_uri",
    "default_acr_values", "require_pushed_authorization_requests", "client_id",
    "backchannel_logout_session_required", "authorization_details_types",
])  # fmt: skip


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(metadata=st.dictionaries(_NAMES, _JSON, max_size=4))
def test_whatever_is_said_the_answer_is_one_of_the_standard(
    ctx: Context, client: FlaskClient, metadata: dict[str, Any]
) -> None:
    answer = register(client, allow(ctx), **metadata)
    assert answer.status_code in {201, 400}
    if answer.status_code == 400:
        assert answer.get_json()["error"] in {"invalid_client_metadata", "invalid_redirect_uri"}
