"""Whom the client expects: by id_token_hint, or by the claim sub. Core §3.1.2.1 and §5.5.1."""

from idp.oidc.authorization import claims_parameter
from idp.oidc.authorization.asked import Asked


def is_expected(asked: Asked, subject: str) -> bool:
    """Tell whether the person whom the client knows as `subject` is the one it asks about."""
    hinted = asked.hint is None or asked.hint.sub == subject
    wishes = (claims_parameter.wish(asked, place, "sub") for place in ("id_token", "userinfo"))
    return hinted and all(subject in wish.values for wish in wishes if wish and wish.values)
