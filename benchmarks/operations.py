"""The operations that are measured, each fed by the one before it."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from argon2 import PasswordHasher

from benchmarks.load import Measured, Reply, Request, measure, summed_up
from benchmarks.meter import Meter
from benchmarks.person import CLIENT_ID, PORTAL, VERIFIER, Person, authorization_query
from tests.parts.provider import Provider

COUNT = 400
WARM_UP = 40
# Few enough a name that the rate limit of sign-ins, which stays on, is not met.
SIGN_INS_A_NAME = 7
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Bench:
    """A running provider, its meter, and where its endpoints are."""

    provider: Provider
    meter: Meter
    endpoints: dict[str, str]

    def run(self, operation: str, requests: list[Request]) -> tuple[Measured, list[Reply]]:
        """Warm up with the first requests, then measure the rest; all replies are returned."""
        _, first = measure(f"{operation} (warm-up)", self.url, requests[:WARM_UP], self.meter)
        cost, rest = measure(operation, self.url, requests[WARM_UP:], self.meter)
        return cost, first + rest

    @property
    def url(self) -> str:
        """The provider's address."""
        return self.provider.url

    def path(self, endpoint: str) -> str:
        """Return an endpoint's path, as discovery names it."""
        return urlsplit(self.endpoints[endpoint]).path


def all_operations(bench: Bench, person: Person) -> Iterator[Measured]:
    """Measure every operation; yields the cost of each."""
    yield _discovery(bench)
    yield sign_in(bench, person)
    silent, replies = bench.run("silent authorization", _silent(bench, person.cookie()))
    yield silent
    exchange, replies = bench.run("code exchange", _exchanges(bench, replies))
    yield exchange
    tokens = [json.loads(reply.body) for reply in replies]
    yield bench.run("userinfo", _userinfo(bench, [one["access_token"] for one in tokens]))[0]
    if all("refresh_token" in one for one in tokens):
        refreshes = [one["refresh_token"] for one in tokens]
        yield bench.run("refresh", _refreshes(bench, refreshes))[0]


def sign_in(bench: Bench, person: Person) -> Measured:
    """Measure the password step, form to next page, each in a fresh browser."""
    names = person.others() * SIGN_INS_A_NAME
    person.give_password(person.open_sign_in(person.visitor()))  # compiles the pages' templates
    pages = [person.open_sign_in(person.visitor()) for _ in names]
    milliseconds = []
    with bench.meter.reading() as spent:
        for page, name in zip(pages, names, strict=True):
            begun = time.perf_counter()
            person.give_password(page, name)
            milliseconds.append((time.perf_counter() - begun) * 1000)
    return summed_up("password sign-in", milliseconds, spent.seconds, sum(milliseconds) / 1000)


def raw_argon2_milliseconds(memory_kib: int, time_cost: int, parallelism: int) -> float:
    """Return the CPU time of one Argon2id verification with the policy's cost."""
    hasher = PasswordHasher(time_cost, memory_kib, parallelism)
    hashed = hasher.hash("a password")
    started = time.process_time()
    for _ in range(WARM_UP):
        hasher.verify(hashed, "a password")
    return (time.process_time() - started) * 1000 / WARM_UP


def _discovery(bench: Bench) -> Measured:
    request = Request("GET", "/.well-known/openid-configuration")
    return bench.run("discovery", [request] * (COUNT + WARM_UP))[0]


def _silent(bench: Bench, cookie: str) -> list[Request]:
    query = authorization_query(bench.provider, prompt="none")
    path = f"{bench.path('authorization_endpoint')}?{query}"
    request = Request("GET", path, {"Cookie": cookie}, wanted_status=303)
    return [request] * (COUNT + WARM_UP)


def _exchanges(bench: Bench, replies: list[Reply]) -> list[Request]:
    return [
        _token_request(
            bench,
            grant_type="authorization_code",
            code=parse_qs(urlsplit(reply.location).query)["code"][0],
            redirect_uri=f"{bench.provider.demo.portal_url(PORTAL)}/callback",
            code_verifier=VERIFIER,
        )
        for reply in replies
    ]


def _userinfo(bench: Bench, tokens: list[str]) -> list[Request]:
    path = bench.path("userinfo_endpoint")
    return [Request("GET", path, {"Authorization": f"Bearer {token}"}) for token in tokens]


def _refreshes(bench: Bench, tokens: list[str]) -> list[Request]:
    return [
        _token_request(bench, grant_type="refresh_token", refresh_token=token) for token in tokens
    ]


def _token_request(bench: Bench, **values: str) -> Request:
    secret = bench.provider.demo.secret_file(PORTAL).read_text()
    basic = base64.b64encode(f"{CLIENT_ID}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": _FORM}
    return Request("POST", bench.path("token_endpoint"), headers, urlencode(values))


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
