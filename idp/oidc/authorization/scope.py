"""scope: what the client wants to know. OpenID Connect Core §3.1.2.1 and §5.4."""

from idp.oidc import scopes
from idp.oidc.authorization.asked import Asked
from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError


def granted(asked: Asked) -> tuple[str, ...]:
    """Return the wanted scopes that the client may have.

    Others "SHOULD be ignored" (Core §3.1.2.1); the token answer says what was granted.
    """
    wanted = scopes.split(asked.get("scope") or "")
    return tuple(scope for scope in wanted if may_have(asked.client, scope))


def is_offline(asked: Asked) -> bool:
    """Tell whether the grant outlives the session (Core §11)."""
    return scopes.OFFLINE_ACCESS in granted(asked)


def check(asked: Asked) -> ProtocolError | None:
    """Refuse a request without `openid`: this provider signs people in and nothing else."""
    if scopes.OPENID not in granted(asked):
        return ProtocolError("invalid_scope", "scope must contain openid.")
    return None


def may_have(client: Client, scope: str) -> bool:
    """Tell whether a client can be granted a scope at all."""
    # Core §11: offline_access is about refresh tokens, so a client without them cannot have it.
    has_use = scope != scopes.OFFLINE_ACCESS or "refresh_token" in client.grant_types
    return has_use and scope in client.scopes
