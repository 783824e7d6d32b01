"""Basic OP: one function for each module, by the module's name.

Form Post Basic is the same list with response_mode=form_post.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from tests.oidc.certification.suite import Claims, Flow, Suite, unsigned
from tests.parts.browserless import Visitor

Module = Callable[[Suite, Visitor], None]
MODULES: dict[str, Module] = {}
# The claims that OpenID Connect Core section 5.4 ties to each scope.
SCOPE_CLAIMS: Mapping[str, set[str]] = {
    "profile": {
        "name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture",
        "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at", "preferred_username",
    },
    "email": {"email", "email_verified"},
    "address": {"address"},
    "phone": {"phone_number", "phone_number_verified"},
}  # fmt: skip


def module(name: str) -> Callable[[Module], Module]:
    """Keep a function as the module of this name."""

    def keep(function: Module) -> Module:
        MODULES[name] = function
        return function

    return keep


@module("oidcc-server")
def server(suite: Suite, visitor: Visitor) -> None:
    flow = suite.flow(visitor)
    assert flow.landed.asked_to_sign_in
    assert flow.tokens.get("scope", "openid").split()[0] == "openid"


@module("oidcc-idtoken-signature")
def id_token_signature(suite: Suite, visitor: Visitor) -> None:
    header = jwt.get_unverified_header(suite.flow(visitor).tokens["id_token"])
    assert header["alg"] == "RS256"  # the default of dynamic registration
    assert header["kid"]


@module("oidcc-idtoken-unsigned")
def id_token_unsigned(suite: Suite, visitor: Visitor) -> None:
    """The suite skips it where "none" is not offered, which is what is right for a code flow."""
    assert "none" not in suite.metadata["id_token_signing_alg_values_supported"]
    assert jwt.get_unverified_header(suite.flow(visitor).tokens["id_token"])["alg"] != "none"


@module("oidcc-userinfo-get")
def userinfo_get(suite: Suite, visitor: Visitor) -> None:
    flow = suite.flow(visitor)
    response = suite.bearer("GET", flow.tokens["access_token"])
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.json()["sub"] == flow.claims["sub"]


@module("oidcc-userinfo-post-header")
def userinfo_post_header(suite: Suite, visitor: Visitor) -> None:
    flow = suite.flow(visitor)
    response = suite.bearer("POST", flow.tokens["access_token"])
    assert (response.status_code, response.json()["sub"]) == (200, flow.claims["sub"])


@module("oidcc-userinfo-post-body")
def userinfo_post_body(suite: Suite, visitor: Visitor) -> None:
    flow = suite.flow(visitor)
    form = {"access_token": flow.tokens["access_token"]}
    response = suite.call("POST", "userinfo_endpoint", data=form)
    assert (response.status_code, response.json()["sub"]) == (200, flow.claims["sub"])


@module("oidcc-ensure-request-without-nonce-succeeds-for-code-flow")
def without_nonce(suite: Suite, visitor: Visitor) -> None:
    assert "nonce" not in suite.flow(visitor, nonce=None).claims


def _scopes(suite: Suite, visitor: Visitor, *scopes: str) -> None:
    """Ask for scopes; userinfo holds all their claims, the ID token none of them."""
    flow = suite.flow(visitor, scope=" ".join(("openid", *scopes)))
    said = suite.userinfo(flow.tokens["access_token"], flow.claims)
    wanted = {claim for scope in scopes for claim in SCOPE_CLAIMS[scope]}
    assert wanted == set(said) - {"sub"}
    assert not wanted & set(flow.claims)
    _check_types(said)


def _check_types(said: Claims) -> None:
    """Check what OpenID Connect Core section 5.1 says of each claim's type."""
    booleans = {"email_verified", "phone_number_verified"}
    for name, value in said.items():
        if name in booleans:
            assert isinstance(value, bool)
        elif name == "updated_at":
            assert isinstance(value, int)
        elif name == "address":
            assert all(isinstance(part, str) and part for part in value.values())
        else:
            assert isinstance(value, str)
            assert value


@module("oidcc-scope-profile")
def scope_profile(suite: Suite, visitor: Visitor) -> None:
    _scopes(suite, visitor, "profile")


@module("oidcc-scope-email")
def scope_email(suite: Suite, visitor: Visitor) -> None:
    _scopes(suite, visitor, "email")


@module("oidcc-scope-address")
def scope_address(suite: Suite, visitor: Visitor) -> None:
    _scopes(suite, visitor, "address")


@module("oidcc-scope-phone")
def scope_phone(suite: Suite, visitor: Visitor) -> None:
    _scopes(suite, visitor, "phone")


@module("oidcc-scope-all")
def scope_all(suite: Suite, visitor: Visitor) -> None:
    _scopes(suite, visitor, "email", "phone", "address", "profile")


@module("oidcc-alternate-happy-flow")
def alternate_happy_flow(suite: Suite, visitor: Visitor) -> None:
    """Scopes and parameters in another order."""
    request = suite.request(scope="email openid")
    landed = suite.authorize(visitor, dict(sorted(request.items(), reverse=True)))
    tokens = suite.check_tokens(suite.redeem(suite.check_answer(landed, request)["code"]))
    claims = suite.check_id_token(tokens, request)
    assert not SCOPE_CLAIMS["email"] & set(claims)
    assert set(suite.userinfo(tokens["access_token"], claims)) == SCOPE_CLAIMS["email"] | {"sub"}


@module("oidcc-display-page")
def display_page(suite: Suite, visitor: Visitor) -> None:
    suite.flow(visitor, display="page")


@module("oidcc-display-popup")
def display_popup(suite: Suite, visitor: Visitor) -> None:
    suite.flow(visitor, display="popup")


@module("oidcc-prompt-login")
def prompt_login(suite: Suite, visitor: Visitor) -> None:
    first = suite.flow(visitor)
    suite.provider.move_clock(1)
    second = suite.flow(visitor, prompt="login")
    assert second.landed.asked_to_sign_in
    assert second.claims["auth_time"] > first.claims["auth_time"]


@module("oidcc-prompt-none-not-logged-in")
def prompt_none_not_logged_in(suite: Suite, visitor: Visitor) -> None:
    request = suite.request(prompt="none")
    landed = suite.authorize(visitor, request)
    assert not landed.asked_to_sign_in
    assert suite.check_error(landed, request) in {"login_required", "interaction_required"}


@module("oidcc-prompt-none-logged-in")
def prompt_none_logged_in(suite: Suite, visitor: Visitor) -> None:
    _same_person_without_page(suite.flow(visitor), suite.flow(visitor, prompt="none"))


def _same_person_without_page(first: Flow, second: Flow) -> None:
    assert not [page for page in second.landed.pages if page != "/oidc/authorize"]
    assert second.claims["auth_time"] == first.claims["auth_time"]
    assert second.claims["sub"] == first.claims["sub"]


@module("oidcc-max-age-1")
def max_age_1(suite: Suite, visitor: Visitor) -> None:
    first = suite.flow(visitor)
    suite.provider.move_clock(2)
    second = suite.flow(visitor, max_age="1")
    assert second.landed.asked_to_sign_in
    assert second.claims["auth_time"] > first.claims["auth_time"]
    assert suite.provider.now().timestamp() - second.claims["auth_time"] < 10


@module("oidcc-max-age-10000")
def max_age_10000(suite: Suite, visitor: Visitor) -> None:
    first = suite.flow(visitor, max_age="15000")
    _same_person_without_page(first, suite.flow(visitor, max_age="10000"))


@module("oidcc-ensure-request-with-unknown-parameter-succeeds")
def unknown_parameter(suite: Suite, visitor: Visitor) -> None:
    suite.flow(visitor, extra="foobar")


@module("oidcc-id-token-hint")
def id_token_hint(suite: Suite, visitor: Visitor) -> None:
    first = suite.flow(visitor)
    second = suite.flow(visitor, prompt="none", id_token_hint=first.tokens["id_token"])
    _same_person_without_page(first, second)


@module("oidcc-login-hint")
def login_hint(suite: Suite, visitor: Visitor) -> None:
    suite.flow(visitor, login_hint="buffy@localhost")


@module("oidcc-ui-locales")
def ui_locales(suite: Suite, visitor: Visitor) -> None:
    suite.flow(visitor, ui_locales="se")


@module("oidcc-claims-locales")
def claims_locales(suite: Suite, visitor: Visitor) -> None:
    suite.flow(visitor, claims_locales="se")


@module("oidcc-ensure-request-with-acr-values-succeeds")
def acr_values(suite: Suite, visitor: Visitor) -> None:
    wanted = suite.metadata["acr_values_supported"]
    assert suite.flow(visitor, acr_values=" ".join(wanted)).claims["acr"] in wanted


@module("oidcc-codereuse")
def code_reuse(suite: Suite, visitor: Visitor) -> None:
    _reuse(suite, visitor, seconds=0)


@module("oidcc-codereuse-30seconds")
def code_reuse_30_seconds(suite: Suite, visitor: Visitor) -> None:
    access_token = _reuse(suite, visitor, seconds=30)
    assert 400 <= suite.bearer("GET", access_token).status_code < 500


def _reuse(suite: Suite, visitor: Visitor, *, seconds: int) -> str:
    request = suite.request()
    code = suite.check_answer(suite.authorize(visitor, request), request)["code"]
    tokens = suite.check_tokens(suite.redeem(code))
    suite.check_id_token(tokens, request)
    suite.provider.move_clock(seconds)
    again = suite.redeem(code)
    assert again.status_code == 400
    assert again.headers["Content-Type"].startswith("application/json")
    assert again.json()["error"] == "invalid_grant"
    return str(tokens["access_token"])


@module("oidcc-ensure-registered-redirect-uri")
def registered_redirect_uri(suite: Suite, visitor: Visitor) -> None:
    landed = suite.authorize(visitor, suite.request(redirect_uri=f"{suite.base}/foo/bar"))
    _is_error_page(landed.answer.status, landed.answer.text)
    assert landed.arrival is None


def _is_error_page(status: int, text: str) -> None:
    assert status == 400
    assert "The application sent a request we cannot accept" in text
    assert "redirect_uri" in text


@module("oidcc-ensure-post-request-succeeds")
def post_request(suite: Suite, visitor: Visitor) -> None:
    suite.flow(visitor, method="POST")


@module("oidcc-server-client-secret-post")
def client_secret_post(suite: Suite, visitor: Visitor) -> None:
    assert "client_secret_post" in suite.metadata["token_endpoint_auth_methods_supported"]
    suite.flow(visitor, suite.clients["client_secret_post"])


@module("oidcc-response-type-missing")
def response_type_missing(suite: Suite, visitor: Visitor) -> None:
    request = suite.request(response_type=None)
    error = suite.check_error(suite.authorize(visitor, request), request)
    assert error in {"invalid_request", "unsupported_response_type"}


@module("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported")
def request_uri_unsigned(suite: Suite, visitor: Visitor) -> None:
    """request_uri is for pushed requests alone: a foreign address is refused and never called."""
    since = len(suite.listener.arrivals)
    request = _outside(suite.request())
    landed = suite.authorize(visitor, request | {"request_uri": f"{suite.base}/requesturi/a"})
    assert landed.parameters["error"] == "request_uri_not_supported"
    assert [one.name for one in suite.listener.arrivals[since:]] == ["callback"]


@module("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported")
def unsigned_request_object(suite: Suite, visitor: Visitor) -> None:
    request = suite.request()
    landed = suite.authorize(visitor, _outside(request) | {"request": unsigned(request)})
    assert landed.parameters["error"] == "request_not_supported"


@module("oidcc-claims-essential")
def claims_essential(suite: Suite, visitor: Visitor) -> None:
    wanted: dict[str, Any] = {"userinfo": {"name": {"essential": True}}}
    flow = suite.flow(visitor, claims=json.dumps(wanted))
    said = suite.userinfo(flow.tokens["access_token"], flow.claims)
    assert said["name"] == "Dr. Connie F Ormance Jr."
    assert "name" not in flow.claims


@module("oidcc-ensure-request-object-with-redirect-uri")
def request_object_with_redirect_uri(suite: Suite, visitor: Visitor) -> None:
    """The registered address stands in an unsigned object, a foreign one beside it."""
    request = suite.request()
    beside = _outside(request) | {"redirect_uri": f"{request['redirect_uri']}_invalid"}
    landed = suite.authorize(visitor, beside | {"request": unsigned(request)})
    _is_error_page(landed.answer.status, landed.answer.text)
    assert landed.arrival is None


def _outside(request: dict[str, str]) -> dict[str, str]:
    """Return what the suite repeats outside of a request object."""
    names = ("client_id", "redirect_uri", "response_type", "scope")
    return {name: request[name] for name in names}


@module("oidcc-refresh-token")
def refresh_token(suite: Suite, visitor: Visitor) -> None:
    first = _refreshed(suite, visitor, "client")
    second = _refreshed(suite, visitor, "client2")
    assert first != second
    stolen = suite.token(suite.clients["client"], grant_type="refresh_token", refresh_token=second)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


def _refreshed(suite: Suite, visitor: Visitor, name: str) -> str:
    """Refresh as the suite does; return the refresh token that follows."""
    client = suite.clients[name]
    assert "offline_access" in suite.metadata["scopes_supported"]
    flow = suite.flow(visitor, client, scope="openid offline_access", prompt="consent")
    suite.provider.move_clock(1)
    scope = {"scope": flow.request["scope"]} if name == "client" else {}
    response = suite.token(
        client, grant_type="refresh_token", refresh_token=flow.tokens["refresh_token"], **scope
    )
    tokens = suite.check_tokens(response)
    fresh = suite.verified(tokens["id_token"], client.client_id)
    for claim in ("iss", "sub", "aud", "auth_time", "azp"):
        assert fresh.get(claim) == flow.claims.get(claim)
    assert fresh["iat"] > flow.claims["iat"]
    assert tokens["access_token"] != flow.tokens["access_token"]
    assert suite.bearer("GET", tokens["access_token"]).status_code == 200
    return str(tokens["refresh_token"])


@module("oidcc-ensure-request-with-valid-pkce-succeeds")
def valid_pkce(suite: Suite, visitor: Visitor) -> None:
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    suite.flow(visitor, verifier=verifier, code_challenge=challenge, code_challenge_method="S256")
