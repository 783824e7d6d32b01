"""The scopes this provider knows."""

# OpenID Connect Core §5.4; `ncid` and `access` are this provider's own.
OPENID = "openid"
KNOWN = (OPENID, "profile", "email", "phone", "address", "ncid", "access")


def split(text: str) -> tuple[str, ...]:
    """Return the scopes of a space-separated text in their order, each once (RFC 6749 §3.3)."""
    return tuple(dict.fromkeys(text.split(" ")) if text else ())


def join(scopes: tuple[str, ...]) -> str:
    """Return scopes as the protocol writes them."""
    return " ".join(scopes)
