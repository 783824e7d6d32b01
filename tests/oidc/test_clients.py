"""Registration of clients: rules, the file, and what the commands do."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from idp.foundation.context import Context
from idp.foundation.results import Refused
from idp.oidc.clients import configuration, rules, service
from idp.oidc.clients.registration import Registration
from idp.oidc.clients.rules import Places
from tests.oidc import story
from tests.parts.application import on_both_databases
from tools.places import ROOT

PRODUCTION = Places(allows_http=False)
DEVELOPMENT = Places(allows_http=True, private_hosts=frozenset({"localhost:8001"}))


def registration(**changes: Any) -> Registration:
    usual = {
        "client_id": "portal",
        "client_name": "A Portal",
        "redirect_uris": ["https://portal.example/callback"],
    }
    return Registration.model_validate(usual | changes)


def keys(changes: dict[str, Any], places: Places = PRODUCTION) -> list[str]:
    return [problem.key for problem in rules.problems(registration(**changes), places)]


def test_a_sound_registration_has_no_problems() -> None:
    assert keys({}) == []


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("http://portal.example/callback", "uri_not_https"),
        ("http://localhost:8001/callback", "uri_not_https"),
        ("https://portal.example/callback#x", "uri_fragment"),
        ("https://portal.example/callback#", "uri_not_absolute"),
        ("https://user@portal.example/", "uri_authority"),
        ("https://PORTAL.example/", "uri_authority"),
        ("HTTPS://portal.example/", "uri_not_absolute"),
        ("https://portal.example/a/../b", "uri_dot_segments"),
        ("https://portal.example/a/%2e%2E/b", "uri_dot_segments"),
        ("https://portal.example/..;/b", "uri_dot_segments"),
        ("https://portal.example//b", "uri_dot_segments"),
        ("https://portal.example/*", None),
        ("https://portal.example/\\x", "uri_characters"),
        ("https://portal.example/ x", "uri_characters"),
        ("https://portal.example/ü", "uri_characters"),
        ('https://portal.example/"', "uri_characters"),
        ("https://portal.example:x/", "uri_characters"),
        ("https://[::1/", "uri_characters"),
        ("javascript:alert(1)", "uri_not_absolute"),
        ("https:///x", "uri_not_absolute"),
        ("//portal.example/x", "uri_not_absolute"),
        ("/x", "uri_not_absolute"),
        ("", "uri_characters"),
    ],
)
def test_addresses_can_be_read_in_one_way_only(uri: str, key: str | None) -> None:
    assert rules.uri_problem(uri, allows_http=False) == key


def test_loopback_may_be_http_outside_production() -> None:
    changes = {"redirect_uris": ["http://localhost:8001/callback"]}
    assert keys(changes, DEVELOPMENT) == []
    foreign = {"redirect_uris": ["http://portal.example/callback"]}
    assert keys(foreign, DEVELOPMENT) == ["uri_not_https"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"client_id": "a b"}, "client_id_not_allowed"),
        ({"client_id": ""}, "client_id_not_allowed"),
        ({"client_id": "x" * 129}, "client_id_not_allowed"),
        ({"scope": "openid everything"}, "scope_unknown"),
        ({"scope": "profile"}, "scope_without_openid"),
        ({"redirect_uris": []}, "redirect_uri_missing"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks_missing"),
        ({"request_object_signing_alg": "ES256"}, "jwks_missing"),
        ({"jwks": {}}, "jwks_shape"),
        ({"jwks": {"keys": []}}, "jwks_shape"),
        ({"jwks": {"keys": ["x"]}}, "jwks_shape"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "eA"}]}}, "jwks_private"),
        ({"jwks": {"keys": [{"kty": "EC"}]}}, "jwks_key"),
        ({"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}}, "jwks_key"),
        ({"jwks": {"keys": [{"kty": "RSA"}, {"kty": "RSA"}]}}, "jwks_kid"),
        ({"resources": ["x"]}, "uri_not_absolute"),
        (
            {"token_endpoint_auth_method": "none", "serves": ["https://api.example/"]},
            "only_confidential",
        ),
        ({"default_acr_values": ["gold"]}, "acr_unknown"),
        ({"post_logout_redirect_uris": ["http://x.example/"]}, "uri_not_https"),
        ({"initiate_login_uri": "x"}, "uri_not_absolute"),
        ({"client_uri": "x"}, "uri_not_absolute"),
        ({"backchannel_logout_uri": "https://127.0.0.1/x"}, "uri_private_network"),
        ({"backchannel_logout_uri": "https://localhost/x"}, "uri_private_network"),
        ({"backchannel_logout_uri": "https://10.0.0.1:8443/x"}, "uri_private_network"),
        ({"reports_activity": True}, "activity_only_first_party"),
        (
            {"token_endpoint_auth_method": "none", "require_pkce": False},
            "public_client_without_pkce",
        ),
    ],
)
def test_each_rule_has_its_key(changes: dict[str, Any], key: str) -> None:
    assert keys(changes) == [key]


def test_logout_notices_reach_private_networks_only_where_the_operator_says() -> None:
    notice = {"backchannel_logout_uri": "http://localhost:8001/notices"}
    assert keys(notice, DEVELOPMENT) == []
    other = {"backchannel_logout_uri": "http://localhost:8002/notices"}
    assert keys(other, DEVELOPMENT) == ["uri_private_network"]


@pytest.mark.parametrize("key", ["client_secret", "secret", "response_modes", "jwks_uri"])
def test_unknown_keys_are_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        registration(**{key: "x"})


def test_the_demonstrations_file_is_sound() -> None:
    def variable(_name: str, default: str) -> str:
        return default

    found = configuration.read(ROOT / "config" / "clients.toml", variable)
    assert [one.client_id for one in found] == [
        "provider-portal", "recipient-portal", "operations-portal",
    ]  # fmt: skip
    hosts = frozenset(f"localhost:{port}" for port in (8001, 8002, 8003))
    places = Places(allows_http=True, private_hosts=hosts)
    assert not [problem for one in found for problem in rules.problems(one, places)]
    assert found[0].names == {"en": "Provider Portal", "es": "Portal de proveedores"}
    assert found[0].redirect_uris == ("http://localhost:8001/callback",)


def test_the_environment_moves_the_addresses(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(
        '[addresses]\nPORTAL = "http://localhost:1"\n[[clients]]\nclient_id = "x"\n'
        'client_name = "X"\nredirect_uris = ["${PORTAL}/a", "${OTHER}/b"]\n'
    )

    def variable(name: str, default: str) -> str:
        return {"PORTAL": "https://x.example", "OTHER": "https://y.example"}.get(name, default)

    [found] = configuration.read(file, variable)
    assert found.redirect_uris == ("https://x.example/a", "https://y.example/b")
    with pytest.raises(configuration.ClientsBad, match="OTHER"):
        configuration.read(file, lambda _name, default: default)


@pytest.mark.parametrize("content", ["[[clients]]\nx = 1", "not toml", "[clients]\n", "x = 1"])
def test_a_bad_file_is_refused_as_a_whole(tmp_path: Path, content: str) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(content)
    with pytest.raises(configuration.ClientsBad):
        configuration.read(file, lambda _name, default: default)
    with pytest.raises(configuration.ClientsBad):
        configuration.read(tmp_path / "missing.toml", lambda _name, default: default)


@on_both_databases
def test_a_sync_adds_changes_and_leaves_alone(ctx: Context) -> None:
    first = service.sync(ctx, [registration(), registration(client_id="other")], {})
    assert isinstance(first, service.Synced)
    assert first.added == ["portal", "other"]
    assert set(first.secrets) == {"portal", "other"}
    second = service.sync(ctx, [registration(scope="openid email")], {})
    assert isinstance(second, service.Synced)
    assert (second.added, second.changed, second.secrets) == ([], ["portal"], {})
    third = service.sync(ctx, [registration(scope="openid email")], {})
    assert isinstance(third, service.Synced)
    assert third.unchanged == ["portal"]
    given = service.sync(ctx, [registration(scope="openid email")], {"portal": "s" * 43})
    assert isinstance(given, service.Synced)
    assert given.changed == ["portal"]
    events = ctx.db.execute(text("SELECT event FROM audit_event")).scalars().all()
    assert sorted(events) == ["client.added"] * 2 + ["client.changed"] * 2


def test_a_sync_refuses_all_when_one_is_wrong(ctx: Context) -> None:
    found = service.sync(ctx, [registration(), registration(client_id="x", scope="x openid")], {})
    assert isinstance(found, list)
    assert [problem.key for problem in found] == ["scope_unknown"]
    short = service.sync(ctx, [registration()], {"portal": "short"})
    assert isinstance(short, list)
    assert service.listed(ctx) == []


def test_a_client_may_become_public_and_confidential_again(ctx: Context) -> None:
    service.sync(ctx, [registration()], {})
    service.sync(ctx, [registration(token_endpoint_auth_method="none")], {})
    assert ctx.db.execute(text("SELECT secret_hash FROM oidc_client")).scalar() is None
    service.sync(ctx, [registration()], {"portal": "s" * 43})
    assert ctx.db.execute(text("SELECT secret_hash FROM oidc_client")).scalar()


def test_a_client_id_is_taken_once(ctx: Context) -> None:
    story.register(ctx, "portal")
    found = service.add(ctx, registration())
    assert isinstance(found, list)
    assert [problem.key for problem in found] == ["client_id_taken"]


def test_secrets_are_never_listed(ctx: Context) -> None:
    added = story.register(ctx)
    [listed] = service.listed(ctx)
    assert str(added.secret) not in str(listed)
    assert "secret_hash" not in listed
    assert listed["disabled_at"] is None


def test_disabling_is_recorded_once(ctx: Context) -> None:
    story.register(ctx)
    assert service.disable(ctx, "portal") is None
    assert service.disable(ctx, "portal") is None
    assert isinstance(service.disable(ctx, "nobody"), Refused)
    events = ctx.db.execute(text("SELECT event FROM audit_event")).scalars().all()
    assert events == ["client.added", "client.disabled"]
