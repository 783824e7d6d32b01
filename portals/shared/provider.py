"""The provider as this portal sees it: standard endpoints found by discovery, called by Authlib."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask

from portals.shared.clock import Clock
from portals.shared.discovery import DiscoveredApp
from portals.shared.id_tokens import Expected, Identity, identity_of
from portals.shared.logout_tokens import LogoutNotice, notice_of
from portals.shared.provider_keys import ProviderKeys
from portals.shared.refusals import GrantEnded, ProviderUnreachable, SignInRefused
from portals.shared.settings import PortalSettings

SCOPE = "openid profile email ncid access"
_UNAUTHORIZED = 401
_T = TypeVar("_T")


@dataclass(frozen=True)
class Start:
    """A sign-in to begin: where to send the browser, and what its answer must match."""

    url: str
    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave; the access token's end in seconds since 1970."""

    access_token: str
    refresh_token: str | None
    id_token: str
    access_expires_at: int


@dataclass(frozen=True)
class Activity:
    """What the provider says of its session."""

    is_active: bool
    idle_ends_at: int = 0
    overall_ends_at: int = 0


class Provider:
    """The OpenID provider of one issuer, for one client."""

    def __init__(self, flask_app: Flask, settings: PortalSettings, clock: Clock) -> None:
        """flask_app: where Authlib's client is registered; nothing is called yet."""
        self._settings = settings
        self._clock = clock
        options = {
            "code_challenge_method": "S256",
            "scope": SCOPE,
            "token_endpoint_auth_method": "client_secret_basic",
            "seconds": settings.provider_seconds,
            "verify": str(settings.ca_bundle) if settings.ca_bundle else True,
        }
        registry: Any = OAuth
        self._app: Any = registry(flask_app).register(
            "provider",
            client_cls=DiscoveredApp,
            client_id=settings.client_id,
            client_secret=settings.secret,
            client_kwargs=options,
        )
        self._app.clock, self._app.issuer = clock, settings.issuer
        self._app.may_use = settings.may_use
        self.keys = ProviderKeys(self._fetch_keys, clock)

    def start(self, redirect_uri: str, **parameters: str) -> Start:
        """Return a fresh authorization request (PKCE S256, state, nonce).

        parameters: further ones, such as ui_locales or prompt. Raises ProviderUnreachable.
        """
        made = self._app.create_authorization_url(redirect_uri, **parameters)
        return Start(made["url"], made["state"], made["nonce"], made["code_verifier"])

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Trade a code for tokens; raises SignInRefused("code"), ProviderUnreachable."""
        ask = partial(
            self._app.fetch_access_token,
            redirect_uri=redirect_uri,
            code=code,
            code_verifier=verifier,
        )
        try:
            return self._tokens(_reached(ask))
        except OAuthError as error:
            raise SignInRefused(f"code: {error.error}") from error

    def refresh(self, tokens: Tokens) -> Tokens:
        """Trade the refresh token for new tokens; raises GrantEnded, ProviderUnreachable."""
        if not tokens.refresh_token:
            raise GrantEnded
        try:
            renewed = _reached(partial(self._ask_refresh, tokens.refresh_token))
            return self._tokens({"id_token": tokens.id_token, **renewed}, tokens.refresh_token)
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise GrantEnded from error
            raise ProviderUnreachable(f"refresh: {error.error}") from error
        except SignInRefused as error:
            raise GrantEnded from error

    def _ask_refresh(self, refresh_token: str) -> Mapping[str, Any]:
        metadata = self._app.load_server_metadata()
        with self._app._get_oauth_client(**metadata) as session:  # noqa: SLF001 - Authlib's client has no public refresh
            answer: Mapping[str, Any] = session.refresh_token(
                metadata["token_endpoint"], refresh_token=refresh_token
            )
            return answer

    def _tokens(self, answer: Mapping[str, Any], refresh_token: str | None = None) -> Tokens:
        """Read a token answer (RFC 6749 section 5.1); raises SignInRefused when it is no such."""
        access, id_token = answer.get("access_token"), answer.get("id_token")
        life, kind = answer.get("expires_in"), answer.get("token_type")
        if not (isinstance(access, str) and isinstance(id_token, str) and isinstance(kind, str)):
            raise SignInRefused("token answer")
        if kind.lower() != "bearer" or not isinstance(life, int) or life <= 0:
            raise SignInRefused("token answer")
        newer = answer.get("refresh_token") or refresh_token
        return Tokens(access, newer, id_token, self._clock.now() + life)

    def identity(self, tokens: Tokens, nonce: str | None) -> Identity:
        """Return whom the ID token proves; raises SignInRefused, ProviderUnreachable."""
        settings = self._settings
        expected = Expected(settings.issuer, settings.client_id, nonce, tokens.access_token)
        return identity_of(tokens.id_token, self.keys, expected, self._clock.now())

    def logout_notice(self, token: str) -> LogoutNotice:
        """Return what a logout token says; raises SignInRefused, ProviderUnreachable."""
        return notice_of(
            token,
            self.keys,
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            now=self._clock.now(),
        )

    def claims(self, access_token: str) -> dict[str, Any]:
        """Return the userinfo claims of this moment; raises GrantEnded, ProviderUnreachable."""
        answer = _reached(partial(self._ask_claims, access_token))
        if answer.status_code == _UNAUTHORIZED:
            raise GrantEnded
        claims = _json(answer)
        if not isinstance(claims.get("sub"), str):
            raise ProviderUnreachable("userinfo without sub")
        return claims

    def _ask_claims(self, access_token: str) -> requests.Response:
        metadata = self._app.load_server_metadata()
        bearer = {"access_token": access_token, "token_type": "Bearer"}
        answer: requests.Response = self._app.get(metadata["userinfo_endpoint"], token=bearer)
        return answer

    def activity(self, sid: str, acted_at: int | None = None) -> Activity | None:
        """Report that the person acted at a moment, or without one only ask how long is left.

        Returns None when the provider offers no activity endpoint. Raises ProviderUnreachable.
        """
        endpoint = _reached(self._app.load_server_metadata).get("activity_endpoint")
        if endpoint is None:
            return None
        form = {"sid": sid} if acted_at is None else {"sid": sid, "acted_at": str(acted_at)}
        answer = _json(_reached(partial(self._post, endpoint, form)))
        if answer.get("active") is not True:
            return Activity(is_active=False)
        ends: list[Any] = [answer.get("idle_ends_at"), answer.get("overall_ends_at")]
        if not all(isinstance(end, int | float) for end in ends):
            raise ProviderUnreachable("activity answer")
        return Activity(is_active=True, idle_ends_at=int(ends[0]), overall_ends_at=int(ends[1]))

    def _post(self, endpoint: str, form: Mapping[str, str]) -> requests.Response:
        credentials = (self._settings.client_id, self._settings.secret)
        with self._app._get_session() as session:  # noqa: SLF001 - a call without a bearer token
            answer: requests.Response = session.request(
                "POST", endpoint, data=form, auth=credentials, withhold_token=True
            )
            return answer

    def end_session_url(self, id_token: str, return_to: str, state: str, language: str) -> str:
        """Return the address that signs the person out at the provider (RP-Initiated Logout 1.0).

        Raises ProviderUnreachable when the provider is away or offers none.
        """
        ask = partial(
            self._app.create_logout_url,
            post_logout_redirect_uri=return_to,
            id_token_hint=id_token,
            state=state,
            client_id=self._settings.client_id,
            ui_locales=language,
        )
        try:
            return str(_reached(ask)["url"])
        except RuntimeError as error:
            raise ProviderUnreachable("no end_session_endpoint") from error

    def _fetch_keys(self) -> Mapping[str, Any]:
        document = _reached(partial(self._app.fetch_jwk_set, force=True))
        if not isinstance(document, Mapping) or not isinstance(document.get("keys"), list):
            raise ProviderUnreachable("keys")
        return document


def _reached(ask: Callable[[], _T]) -> _T:
    """Call the provider; whatever the network or a broken answer raises means unreachable."""
    try:
        return ask()
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnreachable(type(error).__name__) from error


def _json(answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object of a successful answer; raises ProviderUnreachable otherwise."""
    try:
        answer.raise_for_status()
        content = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnreachable(f"HTTP {answer.status_code}") from error
    if not isinstance(content, dict):
        raise ProviderUnreachable("no JSON object")
    return content
