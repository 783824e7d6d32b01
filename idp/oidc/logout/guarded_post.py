"""A POST to an application's registered address that cannot be turned against our own network.

Case LO-06: the address is judged when the connection is made, on the very addresses that the name
resolved to, so that no later answer of a name server can lead elsewhere; redirects are not
followed; time and size are bounded. Python's http.client speaks HTTP over the checked socket.
"""

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "Connection": "close",
    "User-Agent": "idp-backchannel-logout",
}
_MOST_ADDRESSES = 3
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052 §2.1


class AddressRefused(Exception):
    """The address may not be called from here."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may do. may_be_private, may_be_http: the operator listed this host and port.

    ca_bundle: whom to trust besides those the system trusts.
    """

    seconds: float
    answer_bytes: int
    may_be_private: bool = False
    may_be_http: bool = False
    ca_bundle: Path | None = None


def post(uri: str, form: bytes, limits: Limits) -> int:
    """Post a form and return the status of the answer.

    AddressRefused for a forbidden address; OSError (TimeoutError, ConnectionError, ssl.SSLError)
    when the other side cannot be reached, does not speak HTTP, or takes too long.
    """
    end = _End(limits.seconds)
    parts = urlsplit(uri)
    if parts.scheme != "https" and not (parts.scheme == "http" and limits.may_be_http):
        raise AddressRefused("only https may be called")
    with _connected(parts, limits, end) as connection:
        connection.settimeout(end.left())
        # A peer that sends a byte now and then would outlive every timeout of single reads.
        guard = threading.Timer(end.left(), _shut, [connection])
        guard.start()
        try:
            return _exchange(connection, parts, form, limits)
        except http.client.HTTPException as error:
            raise ConnectionError("no HTTP answer in time") from error
        finally:
            guard.cancel()


class _End:
    """The moment at which name, connection, handshake and exchange together have to be over."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left; TimeoutError when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("not done in time")
        return left


def _exchange(connection: socket.socket, parts: SplitResult, form: bytes, limits: Limits) -> int:
    if isinstance(connection, ssl.SSLSocket):
        connection.do_handshake()
    speaker = http.client.HTTPConnection(parts.hostname or "", parts.port)
    speaker.sock = connection
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    speaker.request("POST", target, form, {**_HEADERS, "Host": parts.netloc})
    answer = speaker.getresponse()
    answer.read(limits.answer_bytes)
    return answer.status


def _connected(parts: SplitResult, limits: Limits, end: _End) -> socket.socket:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _addresses(parts.hostname or "", port, end)
    if not limits.may_be_private and not all(_is_public(address) for address in addresses):
        raise AddressRefused("the name leads into a private network")
    plain = _first_that_answers(addresses[:_MOST_ADDRESSES], port, end)
    if parts.scheme == "http":
        return plain
    try:
        # The handshake waits until a timer watches over it.
        return _trust(limits).wrap_socket(
            plain, server_hostname=parts.hostname, do_handshake_on_connect=False
        )
    except OSError:
        plain.close()
        raise


def _trust(limits: Limits) -> ssl.SSLContext:
    trust = ssl.create_default_context()
    if limits.ca_bundle:
        trust.load_verify_locations(limits.ca_bundle)
    return trust


def _addresses(host: str, port: int, end: _End) -> list[str]:
    """Resolve a name; in a thread, since a name server that is silent knows no timeout."""
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(address[0]) for *_, address in found)))
        except (OSError, UnicodeError) as error:
            answers.put(ConnectionError(f"no address: {type(error).__name__}"))

    threading.Thread(target=resolve, daemon=True).start()
    try:
        answer = answers.get(timeout=end.left())
    except queue.Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _first_that_answers(addresses: list[str], port: int, end: _End) -> socket.socket:
    """Connect to one of the addresses, each with an equal share of the time that is left."""
    failure: OSError = ConnectionError("the name has no address")
    for tried, address in enumerate(addresses):
        try:
            return socket.create_connection((address, port), end.left() / (len(addresses) - tried))
        except OSError as error:
            failure = error
    raise failure


def _is_public(address: str) -> bool:
    """Tell whether an address is of the public internet; what is embedded in it counts as well."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is not None:
            return inner.is_global
        if parsed in _NAT64:
            return ipaddress.IPv4Address(parsed.packed[-4:]).is_global
    return parsed.is_global and not parsed.is_multicast


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended by itself just now
        # The plain method: SSLSocket's own forgets its TLS state under the hands of the reader.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
