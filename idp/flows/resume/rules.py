"""What a page after the end shows and where it leads: pure decisions."""

_SHOWN = 2
_HIDDEN = "•" * 6


def masked_name(username: str) -> str:
    """Return a username that its owner knows again and a passer-by does not learn.

    As many dots for every name, so that its length is not told either.
    """
    return f"{username[:_SHOWN]}{_HIDDEN}"
