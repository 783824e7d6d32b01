"""When a tab may ask for another mail: pure arithmetic.

The waits shown to a person are counted for the tab alone. How often a mailbox is written to is
counted elsewhere and never shown: it would tell which names belong together (case RC-11).
"""

import math
from collections.abc import Sequence
from datetime import datetime


def seconds_to_wait(asked_at: Sequence[datetime], now: datetime, waits: Sequence[int]) -> int:
    """Return how many whole seconds a tab must wait before it asks again; 0 when it may now.

    asked_at: its earlier requests, oldest first. waits: after the first, the second, and so on.
    """
    if not asked_at:
        return 0
    wait = waits[min(len(asked_at), len(waits)) - 1]
    return max(0, math.ceil(wait - (now - asked_at[-1]).total_seconds()))
