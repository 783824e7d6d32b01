"""What a code looks like, and when the next mail may go. Pure."""

import re
from collections.abc import Sequence

HOUR_SECONDS = 3600
DAY_SECONDS = 86400

# People copy a code with the spaces and dashes that a mail program or a form shows it with.
_SPACING = re.compile(r"[\s\u2010-\u2015\u200b\u2060-]+")
# Providers that ignore dots in the local part of an address.
_DOTLESS_DOMAINS = frozenset({"gmail.com", "googlemail.com"})


def typed_code(text: str, digits: int) -> str | None:
    """Return the code in what a person typed; None when it cannot be one (and so is no try)."""
    code = _SPACING.sub("", text[:64])
    return code if len(code) == digits and code.isascii() and code.isdigit() else None


def mailbox_of(address: str) -> str:
    """Return the mailbox that an address most likely means, for counting only.

    a.b+news@gmail.com and ab@gmail.com are one mailbox; so tags and dots do not multiply the
    mails that somebody else can cause (RG-04, RC-12). Never used to find an account.
    """
    local, _, domain = address.strip().casefold().rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '') if domain in _DOTLESS_DOMAINS else local}@{domain}"


def recent(sent_at: Sequence[float], now: float) -> list[float]:
    """Return the moments that still count: those of the last day."""
    return [moment for moment in sent_at if moment > now - DAY_SECONDS]


def seconds_to_wait(
    sent_at: Sequence[float], now: float, waits: Sequence[int], per_hour: int, per_day: int
) -> float:
    """Return how long until the next mail may go; 0 when it may go now.

    sent_at: moments of earlier mails in rising order, in seconds. waits: the spacing after the
    first, second, … mail of the last hour; the last value holds for all further ones.
    """
    today = recent(sent_at, now)
    hour = [moment for moment in today if moment > now - HOUR_SECONDS]
    ready = now
    if hour:
        ready = max(ready, hour[-1] + waits[min(len(hour), len(waits)) - 1])
    if len(hour) >= per_hour:
        ready = max(ready, hour[-per_hour] + HOUR_SECONDS)
    if len(today) >= per_day:
        ready = max(ready, today[-per_day] + DAY_SECONDS)
    return ready - now
