"""scope: what the client wants to know. OpenID Connect Core §3.1.2.1 and §5.4."""

from idp.oidc import scopes
from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError


def granted(asked: Asked) -> tuple[str, ...]:
    """Return the wanted scopes that the client is registered for.

    Others "SHOULD be ignored" (Core §3.1.2.1); the token answer says what was granted.
    """
    wanted = scopes.split(asked.get("scope") or "")
    return tuple(scope for scope in wanted if scope in asked.client.scopes)


def check(asked: Asked) -> ProtocolError | None:
    """Refuse a request without `openid`: this provider signs people in and nothing else."""
    if scopes.OPENID not in granted(asked):
        return ProtocolError("invalid_scope", "scope must contain openid.")
    return None
