"""ID tokens: every check of OpenID Connect Core 1.0 section 3.1.3.7, with none left to defaults."""

from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from portals.shared.provider_keys import ProviderKeys
from portals.shared.refusals import SignInRefused

SKEW_SECONDS = 30
_OLDEST_SECONDS = 600
_CLAIMS: Any = CodeIDToken  # Authlib ships no types


@dataclass(frozen=True)
class Expected:
    """What an ID token must say to be ours; nonce None when a refresh brought it."""

    issuer: str
    client_id: str
    nonce: str | None
    access_token: str


@dataclass(frozen=True)
class Identity:
    """What a valid ID token proves."""

    sub: str
    sid: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    issued_at: int


def identity_of(token: str, keys: ProviderKeys, expected: Expected, now: int) -> Identity:
    """Return whom an ID token names.

    token: as the token endpoint sent it; now: seconds. Raises SignInRefused with the failing
    claim's name, ProviderUnreachable when the keys cannot be fetched.
    """
    decoded = keys.verified(token, types=(None, "jwt"))
    params = {"client_id": expected.client_id, "access_token": expected.access_token}
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
    }
    if expected.nonce is not None:
        params["nonce"] = expected.nonce
    claims: Any = _CLAIMS(decoded.claims, decoded.header, options, params)
    try:
        claims.validate(now=now, leeway=SKEW_SECONDS)
    except JoseError as error:
        raise SignInRefused(str(getattr(error, "claim", None) or "claims")) from error
    _check_audience(claims, expected.client_id)
    _check_age(claims, now)
    return _identity(claims)


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    """Core section 3.1.3.7 no. 3: refuse a token that is also meant for somebody else."""
    if claims["aud"] not in (client_id, [client_id]):
        raise SignInRefused("aud")


def _check_age(claims: dict[str, Any], now: int) -> None:
    """Core section 3.1.3.7 no. 10: a token just issued is young, an old one was kept."""
    if claims["iat"] < now - _OLDEST_SECONDS:
        raise SignInRefused("iat")


def _identity(claims: dict[str, Any]) -> Identity:
    """Take out what a portal needs; `sid` because sign-out and activity are told by it."""
    amr = claims.get("amr") or []
    return Identity(
        sub=_text(claims, "sub"),
        sid=_text(claims, "sid"),
        acr=_text(claims, "acr"),
        amr=tuple(method for method in amr if isinstance(method, str)),
        auth_time=int(claims.get("auth_time") or claims["iat"]),
        issued_at=int(claims["iat"]),
    )


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise SignInRefused(name)
    return value
