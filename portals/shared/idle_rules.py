"""When a session is over: pure decisions, in whole seconds since 1970 (UTC)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """What decides on the end of a session."""

    last_action_at: int
    provider_idle_ends_at: int
    overall_ends_at: int


def idle_ends_at(times: Times, idle_seconds: int) -> int:
    """Return when the session ends unless somebody acts.

    One clock for the whole single sign-on session: what the person did here and what the
    provider knows of other portals both count, the later wins; nothing passes the overall limit.
    """
    own = times.last_action_at + idle_seconds
    return min(max(own, times.provider_idle_ends_at), times.overall_ends_at)


def is_over(times: Times, idle_seconds: int, now: int) -> bool:
    """Whether the bound is reached: alive at 14:59, over at 15:00."""
    return now >= idle_ends_at(times, idle_seconds)


def is_past_overall(times: Times, now: int) -> bool:
    """Whether the session ends however active the person is."""
    return now >= times.overall_ends_at


def seconds_left(times: Times, idle_seconds: int, now: int) -> int:
    """Return the seconds until the end, never below zero."""
    return max(0, idle_ends_at(times, idle_seconds) - now)
