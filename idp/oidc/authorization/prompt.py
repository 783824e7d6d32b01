"""prompt: whether pages may, must or must not be shown. OpenID Connect Core §3.1.2.1.

`create` is of Initiating User Registration via OpenID Connect 1.0 §4.1.
"""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request

PROMPTS = ("none", "login", "consent", "select_account", "create")


def values(asked: Asked) -> frozenset[str]:
    """Return the prompts asked for."""
    return frozenset((asked.get("prompt") or "").split())


def check(asked: Asked) -> ProtocolError | None:
    """Refuse unknown prompts, and `none` beside another one."""
    wanted = values(asked)
    if not wanted <= set(PROMPTS):
        return invalid_request("A value of prompt is not known here.")
    if "none" in wanted and len(wanted) > 1:
        return invalid_request("prompt=none excludes every other value.")
    return None
