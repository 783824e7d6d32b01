"""A POST to an application's registered address that cannot be turned against our own network.

Case LO-06: the address is judged when the connection is made, on the very addresses that the name
resolved to, so that no later answer of a name server can lead elsewhere; redirects are not
followed; time and size are bounded. Python's http.client speaks HTTP over the checked socket.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "Connection": "close",
    "User-Agent": "idp-backchannel-logout",
}
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
    parts = urlsplit(uri)
    if parts.scheme != "https" and not (parts.scheme == "http" and limits.may_be_http):
        raise AddressRefused("only https may be called")
    with _connected(parts, limits) as connection:
        # A peer that sends a byte now and then would outlive every timeout of single reads.
        end = threading.Timer(limits.seconds, _shut, [connection])
        end.start()
        try:
            return _exchange(connection, parts, form, limits)
        except http.client.HTTPException as error:
            raise ConnectionError("no HTTP answer in time") from error
        finally:
            end.cancel()


def _exchange(connection: socket.socket, parts: SplitResult, form: bytes, limits: Limits) -> int:
    speaker = http.client.HTTPConnection(parts.hostname or "", parts.port)
    speaker.sock = connection
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    speaker.request("POST", target, form, {**_HEADERS, "Host": parts.netloc})
    answer = speaker.getresponse()
    answer.read(limits.answer_bytes)
    return answer.status


def _connected(parts: SplitResult, limits: Limits) -> socket.socket:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(address[0]) for *_, address in found]
    if not limits.may_be_private and not all(_is_public(address) for address in addresses):
        raise AddressRefused("the name leads into a private network")
    plain = _first_that_answers(addresses, port, limits.seconds)
    if parts.scheme == "http":
        return plain
    try:
        return _trust(limits).wrap_socket(plain, server_hostname=parts.hostname)
    except OSError:
        plain.close()
        raise


def _trust(limits: Limits) -> ssl.SSLContext:
    trust = ssl.create_default_context()
    if limits.ca_bundle:
        trust.load_verify_locations(limits.ca_bundle)
    return trust


def _first_that_answers(addresses: list[str], port: int, seconds: float) -> socket.socket:
    failure: OSError = ConnectionError("the name has no address")
    for address in dict.fromkeys(addresses):
        try:
            return socket.create_connection((address, port), seconds)
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
        connection.shutdown(socket.SHUT_RDWR)
