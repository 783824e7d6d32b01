"""What a browser calls itself, in a few plain names. Pure.

A hint for people who look at their own sign-ins, never a ground to let anybody in: the header is
whatever the browser likes to send. Only families that people know by name are told apart.
"""

from collections.abc import Sequence

Families = Sequence[tuple[str, str]]

# The first mark found wins. Most browsers name others in their header too, and stand before them:
# Edge, Opera and Samsung's say "Chrome", and Chrome says "Safari".
_BROWSERS: Families = (
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
# Android says "Linux" as well, and an iPad "Macintosh" unless asked otherwise.
_SYSTEMS: Families = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def family_of(user_agent: str) -> tuple[str | None, str | None]:
    """Return the names of browser and system in a User-Agent header; None for what is unknown."""
    return _first(user_agent, _BROWSERS), _first(user_agent, _SYSTEMS)


def _first(user_agent: str, families: Families) -> str | None:
    return next((name for mark, name in families if mark in user_agent), None)
