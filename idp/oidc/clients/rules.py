"""What a registration must satisfy: decided before it is stored, so that use is a comparison."""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args
from urllib.parse import SplitResult, urlsplit

from idp.foundation.results import Refused
from idp.oidc import scopes
from idp.oidc.clients import client_keys
from idp.oidc.clients.registration import AuthMethod, DeviceCode, Registration
from idp.oidc.subjects import hosts
from idp.people.sessions.rules import ACR_ORDER

AUTH_METHODS: tuple[str, ...] = get_args(AuthMethod)
CONFIDENTIAL_METHODS = tuple(method for method in AUTH_METHODS if method != "none")
# Unreserved characters of RFC 3986 alone: a client_id needs no escaping anywhere it is used.
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
# Printable ASCII without space, and without what software reads in two ways: " < > \ ^ ` { | }
_URI_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_DOT_SEGMENT = re.compile(r"(^|/)(\.|%2e){1,2}(;[^/]*)?(/|$)", re.IGNORECASE)
_OF_PEOPLE = frozenset({"authorization_code", *get_args(DeviceCode)})
_LOOPBACK_LITERAL = re.compile(r"http://(127\.0\.0\.1|\[::1\])([:/]|\Z)")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Places:
    """What this installation allows.

    allows_http: loopback addresses may be plain http (development, test and conformance).
    private_hosts: "host:port" of private networks that logout notices may reach.
    """

    allows_http: bool
    private_hosts: frozenset[str] = frozenset()


def is_client_id(text: str) -> bool:
    """Tell whether a text can name a client at all; asked before any look-up."""
    return bool(_CLIENT_ID.fullmatch(text))


def problems(registration: Registration, places: Places) -> list[Refused]:
    """Return everything wrong with a registration, in the order of its fields; [] when sound."""
    return [*_of_names(registration), *_of_addresses(registration, places), *_of_use(registration)]


def _of_names(registration: Registration) -> Iterator[Refused]:
    if not is_client_id(registration.client_id):
        yield Refused("client_id_not_allowed", "client_id")
    if not all(name.isprintable() for name in registration.names.values()):
        yield Refused("client_name_not_printable", "client_name")
    wanted = scopes.split(registration.scope)
    known = {*scopes.KNOWN, *scopes.MACHINE}
    unknown = [scope for scope in wanted if scope not in known]
    if unknown:
        yield Refused("scope_unknown", "scope", {"scope": scopes.join(tuple(unknown))})
    if scopes.OPENID not in wanted and _OF_PEOPLE & set(registration.grant_types):
        yield Refused("scope_without_openid", "scope")
    for acr in registration.default_acr_values:
        if acr not in ACR_ORDER:
            yield Refused("acr_unknown", "default_acr_values", {"acr": acr})


def _of_addresses(registration: Registration, places: Places) -> Iterator[Refused]:
    if "authorization_code" in registration.grant_types and not registration.redirect_uris:
        yield Refused("redirect_uri_missing", "redirect_uris")
    for uri in registration.redirect_uris:
        # RFC 8252 §7.3: the loopback interface is reached without a certificate.
        is_local = registration.listens_locally and is_loopback_literal(uri)
        allows_http = places.allows_http or is_local
        yield from _bad("redirect_uris", [uri], Places(allows_http=allows_http))
    yield from _bad("post_logout_redirect_uris", registration.post_logout_redirect_uris, places)
    pages = (registration.initiate_login_uri, registration.client_uri)
    yield from _bad("initiate_login_uri", [uri for uri in pages if uri], places)
    yield from _front_channel(registration, places)
    yield from _bad("resources", (*registration.resources, *registration.serves), places)
    if registration.backchannel_logout_uri:
        notice = registration.backchannel_logout_uri
        yield from _bad("backchannel_logout_uri", [notice], places)
        if _is_private(urlsplit(notice), places):
            yield Refused("uri_private_network", "backchannel_logout_uri", {"uri": notice})


def _front_channel(registration: Registration, places: Places) -> Iterator[Refused]:
    """OpenID Connect Front-Channel Logout 1.0 §2: the origin of a registered redirect_uri."""
    frame = registration.frontchannel_logout_uri
    if not frame:
        return
    yield from _bad("frontchannel_logout_uri", [frame], places)
    if origin_of(frame) not in {origin_of(uri) for uri in registration.redirect_uris}:
        yield Refused("uri_other_origin", "frontchannel_logout_uri", {"uri": frame})


def origin_of(uri: str) -> str:
    """Return the origin of a checked address, as content policies write it."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _of_use(registration: Registration) -> Iterator[Refused]:
    # RFC 9700 §2.1.1: a public client has nothing but PKCE to bind its codes.
    if registration.is_public and not registration.require_pkce:
        yield Refused("public_client_without_pkce", "require_pkce")
    # RFC 6749 §4.4: client_credentials for confidential clients only; so is introspection here.
    if registration.is_public and (
        "client_credentials" in registration.grant_types or registration.serves
    ):
        yield Refused("only_confidential", "grant_types")
    yield from _of_keys(registration)
    # Core §8.1: several hosts need a sector_identifier_uri, which would be an address to call.
    if registration.subject_type == "pairwise" and len(hosts(registration.redirect_uris)) != 1:
        yield Refused("pairwise_needs_one_host", "subject_type")
    # Whoever reports activity keeps other people's sessions alive: ours alone, and authenticated.
    if registration.reports_activity and (registration.is_public or not registration.first_party):
        yield Refused("activity_only_first_party", "reports_activity")


def _of_keys(registration: Registration) -> Iterator[Refused]:
    proves_by_key = registration.token_endpoint_auth_method == "private_key_jwt"
    signs_requests = registration.request_object_signing_alg is not None
    if registration.jwks is None and (proves_by_key or signs_requests):
        yield Refused("jwks_missing", "jwks")
    key = client_keys.problem(registration.jwks) if registration.jwks is not None else None
    if key:
        yield Refused(key, "jwks")


def _bad(field: str, uris: Iterable[str], places: Places) -> Iterator[Refused]:
    for uri in uris:
        key = uri_problem(uri, allows_http=places.allows_http)
        if key:
            yield Refused(key, field, {"uri": uri})


def is_loopback_literal(uri: str) -> bool:
    """Tell whether an address is http on 127.0.0.1 or [::1], whatever its port."""
    return bool(_LOOPBACK_LITERAL.match(uri))


def uri_problem(uri: str, *, allows_http: bool) -> str | None:
    """Return the key of what is wrong with an address that a client registers, or None.

    RFC 6749 §3.1.2: absolute and without a fragment. RFC 9700 §2.6: https. The rest keeps two
    programs from reading one address in two ways (RFC 9700 §4.1): no user part, no odd
    characters, no dot segments, a lower-case host.
    """
    if not _URI_CHARACTERS.fullmatch(uri):
        return "uri_characters"
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "uri_characters"
    if parts.scheme not in {"https", "http"} or not host or uri != parts.geturl():
        return "uri_not_absolute"
    if parts.scheme == "http" and not (allows_http and host in _LOOPBACK):
        return "uri_not_https"
    return _shape_problem(uri, parts)


def _shape_problem(uri: str, parts: SplitResult) -> str | None:
    if "#" in uri:
        return "uri_fragment"
    if "@" in parts.netloc or parts.netloc != parts.netloc.lower():
        return "uri_authority"
    if _DOT_SEGMENT.search(parts.path) or "//" in parts.path:
        return "uri_dot_segments"
    return None


def _is_private(parts: SplitResult, places: Places) -> bool:
    host = parts.hostname or ""
    if host_and_port(parts) in places.private_hosts:
        return False
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host in _LOOPBACK


def host_and_port(parts: SplitResult) -> str:
    """Return "host:port" of an address, with the scheme's own port filled in."""
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
