"""Where the person was going, as a path of this portal; anything else becomes the default."""

import re
from urllib.parse import urlencode, urlsplit

_SAFE = re.compile(r"/(?!/)[A-Za-z0-9/_.~?=&%-]*", re.ASCII)
_LONGEST = 512


def safe_path(wanted: str | None, default: str) -> str:
    """Return the wanted path when it stays in this portal (OWASP ASVS 5.0 V1.3.6, V3.7.2).

    Only plain characters are let through: no scheme, host, backslash, control character or
    second slash at the start, which browsers read as another host.
    """
    if not wanted or len(wanted) > _LONGEST or not _SAFE.fullmatch(wanted):
        return default
    return wanted


def local_target(target: str | None, base_url: str, default: str) -> str:
    """Return the path of a `target_link_uri` of this portal (OpenID Connect Core 1.0 section 4)."""
    if not target:
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    if f"{parts.scheme}://{parts.netloc}" != base_url:
        return default
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return safe_path(path, default)


def with_goal(path: str, goal: str) -> str:
    """Return a path of this portal that remembers where the person was going."""
    return f"{path}?{urlencode({'next': goal})}"
