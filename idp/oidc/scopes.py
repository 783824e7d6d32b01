"""The scopes this provider knows."""

# OpenID Connect Core §5.4; `ncid` and `access` are this provider's own.
OPENID = "openid"
# Core §11: tokens that outlive the session.
OFFLINE_ACCESS = "offline_access"
KNOWN = (OPENID, "profile", "email", "phone", "address", "ncid", "access", OFFLINE_ACCESS)
# What a program may do in its own name (RFC 6749 §4.4): never part of what a person grants.
MACHINE = ("organizations:read", "organizations:write", "access:read", "access:write")


def split(text: str) -> tuple[str, ...]:
    """Return the scopes of a space-separated text in their order, each once (RFC 6749 §3.3)."""
    return tuple(dict.fromkeys(text.split(" ")) if text else ())


def join(scopes: tuple[str, ...]) -> str:
    """Return scopes as the protocol writes them."""
    return " ".join(scopes)
