"""The arithmetic of a sliding window, and which network an address belongs to. Pure.

A sliding window counter weighs the count of the window before by how much of it still lies
within the last `seconds`; two numbers for each key, whatever the limit.
"""

import ipaddress
from dataclasses import dataclass

_IPV4_NETWORK_BITS = 24
_IPV6_NETWORK_BITS = 48
_IPV6_LINE_BITS = 64


@dataclass(frozen=True, slots=True)
class Window:
    """The present window: its number, and the share of the one before that still counts."""

    number: int
    weight: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What was counted in the present window and in the one before it."""

    previous: int
    current: int
    weight: float
    seconds_left: float

    def allows(self, limit: int, amount: int = 1) -> bool:
        """Tell whether so many more keep the limit."""
        return self.previous * self.weight + self.current + amount <= limit


def window_at(now: float, seconds: int) -> Window:
    """Return the window of a moment (seconds since the epoch) for windows of some length."""
    number, elapsed = divmod(now, seconds)
    return Window(int(number), 1 - elapsed / seconds, seconds - elapsed)


def network_of(ip: str | None) -> str:
    """Return the network that one attacker is taken to own: /24 of IPv4, /48 of IPv6.

    Something that is no address counts as one network of its own: nobody escapes the limit by it.
    """
    address = _address(ip or "")
    if address is None:
        return "unknown"
    bits = _IPV4_NETWORK_BITS if address.version == 4 else _IPV6_NETWORK_BITS  # noqa: PLR2004
    return str(ipaddress.ip_network((address, bits), strict=False))


def countable(key: str) -> str:
    """Return a key as it is counted: an IPv6 address as its /64, everything else as it is.

    One line of one household has a /64, from which a program takes another address for each try.
    """
    address = _address(key)
    if address is None:
        return key
    if address.version == 6:  # noqa: PLR2004 - IP versions
        return str(ipaddress.ip_network((address, _IPV6_LINE_BITS), strict=False))
    return str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address in a text, an IPv4 one in IPv6 dress as what it is; None: no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped: ipaddress.IPv4Address | None = getattr(address, "ipv4_mapped", None)
    return mapped or address
