"""Logout tokens: the checks of OpenID Connect Back-Channel Logout 1.0 section 2.6."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portals.shared.id_tokens import SKEW_SECONDS
from portals.shared.provider_keys import ProviderKeys
from portals.shared.refusals import SignInRefused

EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST_LIFE = 600
_LONGEST_NAME = 255


@dataclass(frozen=True)
class LogoutNotice:
    """Which sessions are over: those of `sid`, or all of `sub` when no `sid` is given."""

    jti: str
    sid: str | None
    sub: str | None
    issued_at: int
    expires_at: int


def notice_of(
    token: str, keys: ProviderKeys, *, issuer: str, client_id: str, now: int
) -> LogoutNotice:
    """Return what a logout token says.

    Raises SignInRefused with the failing claim's name, ProviderUnreachable when the keys cannot be
    fetched. That a token is used once only is for the caller to see to: `jti` is for that.
    """
    claims = keys.verified(token, types=("logout+jwt",)).claims
    _check_audience(claims, issuer, client_id)
    _check_times(claims, now)
    _check_event(claims)
    if "nonce" in claims:  # a logout token must never pass for an ID token, nor the reverse
        raise SignInRefused("nonce")
    sid, sub = _name(claims, "sid"), _name(claims, "sub")
    jti = _name(claims, "jti")
    if not jti or not (sid or sub):
        raise SignInRefused("jti" if not jti else "sid")
    return LogoutNotice(jti, sid, sub, int(claims["iat"]), int(claims["exp"]))


def _check_audience(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise SignInRefused("iss")
    if claims.get("aud") not in (client_id, [client_id]):
        raise SignInRefused("aud")


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    """Issued in the past, not yet expired, and short-lived, so that it need not be remembered."""
    issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
    if issued_at > now + SKEW_SECONDS:
        raise SignInRefused("iat")
    if expires_at <= now - SKEW_SECONDS or expires_at - issued_at > _LONGEST_LIFE:
        raise SignInRefused("exp")


def _check_event(claims: Mapping[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise SignInRefused("events")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 40:
        raise SignInRefused(name)
    return value


def _name(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        raise SignInRefused(name)
    return value
