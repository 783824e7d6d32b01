"""A provider made of the OAuth library as its documentation tells, with every default kept.

It shows what each default does, so that the tests beside it say what ours must do instead. One
client, one person who is always signed in and agrees, everything in memory.
"""

# The library's classes are typed in part, and their signatures hold what is not used here.
# mypy: disable-error-code="misc, no-untyped-call, override, attr-defined, assignment"
# ruff: noqa: ARG002

from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.sqla_oauth2 import OAuth2AuthorizationCodeMixin, OAuth2TokenMixin
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9101 import JWTAuthenticationRequest
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.core.grants.code import OpenIDToken
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask, request
from flask.testing import FlaskClient
from joserfc.jwk import KeySet, RSAKey
from werkzeug.test import TestResponse

CALLBACK = "https://rp.example/callback"
_ISSUER = "https://library.example"
SIGNED_OUT = "https://rp.example/signed-out"


class Code(OAuth2AuthorizationCodeMixin):
    """A code as the library's own mixin keeps it."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Token(OAuth2TokenMixin):
    """A token as the library's own mixin keeps it."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update({"access_token_revoked_at": 0, "refresh_token_revoked_at": 0} | values)


@dataclass
class Client(ClientMixin):
    """The one client."""

    method: str = "client_secret_post"

    def get_client_id(self) -> str:
        return "rp"

    def get_default_redirect_uri(self) -> str:
        return CALLBACK

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == CALLBACK

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == "secret"

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in {"authorization_code", "refresh_token"}

    @property
    def client_metadata(self) -> dict[str, Any]:
        return {"post_logout_redirect_uris": [SIGNED_OUT]}


class Person:
    """The one person."""

    id = "1"


@dataclass
class LibraryProvider:
    """The running provider: its application, and what it has in memory."""

    client: Client = field(default_factory=Client)
    reads_request_objects: bool = False
    codes: list[Code] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    keys: KeySet = field(
        default_factory=lambda: KeySet([RSAKey.generate_key(2048) for _ in range(2)])
    )

    def __post_init__(self) -> None:
        self.app = Flask("library")
        self.app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.server = AuthorizationServer(self.app, lambda _id: self.client, self._save_token)
        extensions = [CodeChallenge(required=True), _openid_code(self)]
        self.server.register_grant(_code_grant(self), extensions)
        self.server.register_grant(_refresh_grant(self), [_openid_token(self)])
        self.server.register_endpoint(_end_session(self))
        self.server.register_extension(_Issuer())
        if self.reads_request_objects:
            self.server.register_extension(_RequestObjects())
        self.app.add_url_rule("/authorize", "authorize", self._authorize, methods=["GET", "POST"])
        self.app.add_url_rule("/token", "token", self._token, methods=["POST"])
        self.app.add_url_rule("/logout", "logout", self._logout, methods=["GET", "POST"])

    @property
    def _browser(self) -> FlaskClient:
        return self.app.test_client()

    def code(self, **changes: str | None) -> str:
        """Get a code; None leaves a parameter out."""
        answer = self.authorize(**changes)
        location: str = answer.headers["Location"]
        return location.partition("code=")[2].partition("&")[0]

    def authorize(self, **changes: str | None) -> TestResponse:
        """Send an authorization request."""
        usual = {"client_id": "rp", "response_type": "code", "scope": "openid", "state": "s"}
        sent = usual | {"redirect_uri": CALLBACK, "nonce": "n"} | changes
        kept = {name: value for name, value in sent.items() if value is not None}
        found: TestResponse = self._browser.get("/authorize", query_string=kept, base_url=_ISSUER)
        return found

    def token(self, form: dict[str, str], *, in_address: bool = False) -> TestResponse:
        """Send a token request with the client's secret."""
        sent = {"client_id": "rp", "client_secret": "secret", "redirect_uri": CALLBACK} | form
        where: dict[str, Any] = {"data": sent}
        if in_address:
            names = {"grant_type": sent.pop("grant_type")}
            where = {"data": sent, "query_string": names}
        found: TestResponse = self._browser.post("/token", base_url=_ISSUER, **where)
        return found

    def redeem(self, code: str, **form: str) -> TestResponse:
        """Exchange a code."""
        return self.token({"grant_type": "authorization_code", "code": code} | form)

    def refresh(self, token: str) -> TestResponse:
        """Exchange a refresh token."""
        return self.token({"grant_type": "refresh_token", "refresh_token": token})

    def logout(self, **sent: str) -> TestResponse:
        """Send a logout request."""
        found: TestResponse = self._browser.get("/logout", query_string=sent, base_url=_ISSUER)
        return found

    def _save_token(self, token: dict[str, Any], asked: Any) -> None:
        self.steps.append("save token")
        code = asked.authorization_code
        nonce = code.nonce if code else None
        self.tokens.append(Token(client_id="rp", nonce=nonce, **token))

    def _authorize(self) -> Any:
        person = Person()
        try:
            grant = self.server.get_consent_grant(end_user=person)
        except OAuth2Error as error:
            return self.server.handle_error_response(None, error)
        return self.server.create_authorization_response(None, person, grant)

    def _token(self) -> Any:
        return self.server.create_token_response()

    def _logout(self) -> Any:
        asked = self.server.validate_endpoint_request("end_session")
        if asked.needs_confirmation and request.method == "GET":
            return "confirm"
        return self.server.create_endpoint_response("end_session", asked) or "signed out"


def _code_grant(provider: LibraryProvider) -> type:
    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

        def save_authorization_code(self, code: str, asked: Any) -> None:
            data = asked.payload.data
            provider.codes.append(
                Code(
                    code=code,
                    client_id="rp",
                    redirect_uri=asked.payload.redirect_uri,
                    scope=asked.scope,
                    nonce=data.get("nonce"),
                    auth_time=1_000_000_000,
                    acr="two-factors",
                    amr="pwd otp",
                    code_challenge=data.get("code_challenge"),
                    code_challenge_method=data.get("code_challenge_method"),
                )
            )

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return next((one for one in provider.codes if one.code == code), None)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            provider.steps.append("delete code")
            provider.codes.remove(authorization_code)

        def authenticate_user(self, authorization_code: Code) -> Person:
            return Person()

    return CodeGrant


def _refresh_grant(provider: LibraryProvider) -> type:
    class RefreshGrant(grants.RefreshTokenGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
            alive = [one for one in provider.tokens if not one.refresh_token_revoked_at]
            return next((one for one in alive if one.refresh_token == refresh_token), None)

        def authenticate_user(self, refresh_token: Token) -> Person:
            return Person()

        def revoke_old_credential(self, refresh_token: Token) -> None:
            refresh_token.refresh_token_revoked_at = 1

    return RefreshGrant


class _Claims:
    def __init__(self, provider: LibraryProvider) -> None:
        self.provider = provider

    def resolve_client_private_key(self, _client: Client) -> KeySet:
        """The key set, as the library's own example returns it."""
        return self.provider.keys

    def get_client_claims(self, _client: Client) -> dict[str, str]:
        return {"iss": _ISSUER}

    def generate_user_info(self, _user: Person, _scope: str) -> UserInfo:
        return UserInfo(sub="1")


def _openid_code(provider: LibraryProvider) -> OpenIDCode:
    class WithOpenId(_Claims, OpenIDCode):
        require_nonce = False

        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            return False

    return WithOpenId(provider)


def _openid_token(provider: LibraryProvider) -> OpenIDToken:
    class WithOpenId(_Claims, OpenIDToken):
        pass

    return WithOpenId(provider)


def _end_session(provider: LibraryProvider) -> type:
    class EndSession(EndSessionEndpoint):
        def get_server_jwks(self) -> KeySet:
            return provider.keys

        def end_session(self, _asked: Any) -> None:
            provider.steps.append("end session")

    return EndSession


class _Issuer(IssuerParameter):
    def get_issuer(self) -> str:
        return _ISSUER


class _RequestObjects(JWTAuthenticationRequest):
    def resolve_client_public_key(self, _client: Client) -> KeySet:
        return KeySet([])

    def get_server_metadata(self) -> dict[str, Any]:
        return {"issuer": _ISSUER}

    def get_client_require_signed_request_object(self, _client: Client) -> bool:
        return False
