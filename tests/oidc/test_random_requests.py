"""Ten thousand random requests: whatever is sent, the answer is one that was meant (IN-13)."""

import random
from collections.abc import Iterator

import pytest

from idp.foundation.context import Context
from tests.oidc import story
from tests.oidc.story import Application, Browser, SigningKey

_EACH = 2000
_NAMES = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
    "prompt", "max_age", "acr_values", "code_challenge", "code_challenge_method", "ui_locales",
    "login_hint", "id_token_hint", "request", "request_uri", "display", "claims",
    "claims_locales", "resource", "authorization_details", "registration", "client_secret",
    "grant_type", "code", "code_verifier", "refresh_token", "client_assertion",
    "client_assertion_type", "token", "token_type_hint", "post_logout_redirect_uri",
    "logout_hint", "sid", "acted_at", "tx", "decision", "x",
)  # fmt: skip
_VALUES = (
    b"", b"none", b"login", b"consent select_account", b"openid", b"openid offline_access", b"0",
    b"-1", b"99999999999999999999", b"1e999", b"code", b"code token", b"form_post", b"query",
    b"%00", b"%ff", b"%", b"%zz", b"%0d%0aX:y", b"%F0%9F%92%A9", b"%ED%A0%80", b"\xff\xfe", b'"',
    b"%7B%7D", b"[]", b"null", b'{"id_token":{"acr":{"essential":true,"values":[[]]}}}',
    b'{"userinfo":{"sub":{"value":{}}}}', b'[{"type":"esignature"}]', b'[{"type":{}}]',
    b"[" * 3000, b'{"a":' * 800, b"eyJhbGciOiJub25lIn0.e30.", b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
    b"a.b.c", b"....", b"urn:ietf:params:oauth:request_uri:x", b"http://127.0.0.1:1/",
    b"javascript:alert(1)", b"//evil.example", b"S256", b"plain", b"a" * 43, b"a" * 9000,
    b"authorization_code", b"refresh_token", b"client_credentials", b"password",
    b"urn:ietf:params:oauth:grant-type:device_code", b"1970-01-01", b"\xd9\xa3", b"${7*7}",
)  # fmt: skip
_HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": "Basic !!"},
    {"Authorization": "Basic /w=="},
    {"Authorization": "Bearer x"},
    {"Authorization": "Bearer "},
    {"Content-Type": "application/json"},
    {"Content-Type": "multipart/form-data"},
    {"Accept": "q=;"},
    {"Origin": "null"},
)
_PATHS = {
    "/oidc/authorize": ("GET", "POST", "HEAD"),
    "/oidc/par": ("POST",),
    "/oidc/token": ("POST",),
    "/oidc/end-session": ("GET", "POST"),
    "every other": ("GET", "POST", "PUT", "OPTIONS"),
}
_OTHERS = (
    "/oidc/userinfo", "/oidc/consent", "/oidc/select-account", "/oidc/authorize/resume",
    "/oidc/activity", "/oidc/jwks", "/.well-known/openid-configuration",
    "/oidc/end-session/confirm",
)  # fmt: skip


@pytest.fixture
def known(ctx: Context) -> dict[str, Application]:
    """Applications whose ids and addresses are sent along, so that the checks behind are met."""
    jwks = SigningKey.make().jwks
    every = {
        "jwks": jwks,
        "authorization_details_types": ["esignature"],
        "resources": ["https://x"],
    }
    return {
        "portal": story.register(ctx, "portal", **every),
        "other": story.register(ctx, "other", first_party=False, reports_activity=False),
    }


@pytest.mark.slow
@pytest.mark.parametrize("path", _PATHS)
def test_IN_13_nothing_that_is_sent_breaks_anything(
    browser: Browser, known: dict[str, Application], path: str
) -> None:
    chance = random.Random(f"seed of {path}")  # noqa: S311 - the same requests every time
    for raw in _requests(chance, known):
        method, headers = chance.choice(_PATHS[path]), chance.choice(_HEADERS)
        address = chance.choice(_OTHERS) if path == "every other" else path
        in_body = method == "POST" and chance.random() < 0.7
        answer = browser.client.open(
            address,
            method=method,
            environ_overrides={} if in_body else {"QUERY_STRING": raw.decode("latin-1")},
            data=raw if in_body else None,
            headers={"Content-Type": "application/x-www-form-urlencoded"} | headers,
        )
        assert answer.status_code < 500, (method, address, raw, headers)
        assert "Traceback" not in answer.text
        assert "evil.example" not in answer.headers.get("Location", "")


def _requests(chance: random.Random, known: dict[str, Application]) -> Iterator[bytes]:
    """Yield encoded parameters: a good request with some things changed, or nothing good."""
    for _ in range(_EACH):
        good = chance.choice(list(known.values()))
        is_good = chance.random() < 0.8
        pairs = story.encoded(good.request()).encode().split(b"&") if is_good else []
        for _ in range(chance.randint(1, 4)):
            name = chance.choice(_NAMES).encode()
            pairs = [pair for pair in pairs if not pair.startswith(name + b"=")]
            pairs.append(name + b"=" + _value(chance))
        chance.shuffle(pairs)
        yield b"&".join(pairs)


def _value(chance: random.Random) -> bytes:
    if chance.random() < 0.8:
        return chance.choice(_VALUES)
    return chance.randbytes(chance.randint(0, 30))
