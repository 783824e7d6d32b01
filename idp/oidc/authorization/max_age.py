"""max_age: how long ago the person may have signed in. OpenID Connect Core §3.1.2.1."""

import re

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request

_SECONDS = re.compile(r"[0-9]{1,9}")


def seconds(asked: Asked) -> int | None:
    """Return the seconds, or None where any age will do."""
    text = asked.get("max_age")
    return None if text is None else int(text)


def check(asked: Asked) -> ProtocolError | None:
    """Refuse what is no whole number of seconds."""
    text = asked.get("max_age")
    if text is not None and not _SECONDS.fullmatch(text):
        return invalid_request("max_age must be a whole number of seconds.")
    return None
