"""login_hint, ui_locales, display: wishes about the pages. OpenID Connect Core §3.1.2.1.

None of them can make a request fail.
"""

from idp.foundation.language import LANGUAGES
from idp.oidc.authorization.asked import Asked

_LONGEST_LOGIN_HINT = 320  # an email address (RFC 5321 §4.5.3.1)


def login_hint(asked: Asked) -> str | None:
    """Return whom the client expects, to fill the first field with; never believed."""
    hint = asked.get("login_hint")
    is_usable = hint is not None and len(hint) <= _LONGEST_LOGIN_HINT and hint.isprintable()
    return hint if is_usable else None


def language(asked: Asked) -> str | None:
    """Return the first language asked for that we speak ("es-MX" is Spanish), or None."""
    for tag in (asked.get("ui_locales") or "").split():
        primary = tag.partition("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    return None
