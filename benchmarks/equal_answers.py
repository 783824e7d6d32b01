"""Whether an answer tells that an account exists: by its words or by its time (RG-03, RC-11).

Each form is sent for known and for unknown identifiers in random order, each time in a fresh
browser. Status, headers and pages must be equal but for what was typed; the times must not be
separable: the area under the curve, which is how often a known one took longer than an unknown
one, stays below 0.6 (0.5 is a coin).
"""

import random
import re
import secrets
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.parts.browserless import Answer, Visitor
from tests.parts.provider import Provider, running_provider

SAMPLES = 200
SEPARABLE = 0.6
_WARM_UP = 10
# Beyond the longest window of the limits, so that none of them is met.
_PAUSE_SECONDS = 3700
_SHORTEST_CHOSEN = 6  # the demonstration's own may be shorter than what people may choose
_PASSWORD = "A calm river-bed 7"  # nobody has it
_CHANGING = re.compile(r"[A-Za-z0-9_.-]{43,}|\b[0-9a-f]{16}\b")
_UNEQUAL_HEADERS = {"date", "x-request-id", "set-cookie", "content-length"}


@dataclass(frozen=True)
class Identifier:
    """What is typed: the username and address of an account, or of nobody."""

    username: str
    email: str


@dataclass(frozen=True)
class Form:
    """A form whose answer must not tell anything. fill: opens it and returns what to send."""

    name: str
    fill: Callable[[Visitor, str, Identifier], tuple[Answer, dict[str, str]]]


@dataclass(frozen=True)
class Compared:
    """What the answers to one form are like. differences: what tells known and unknown apart."""

    form: str
    area: float
    differences: Sequence[str]

    @property
    def is_equal(self) -> bool:
        """Whether nobody can tell."""
        return self.area < SEPARABLE and not self.differences


def compare(provider: Provider) -> Iterator[Compared]:
    """Compare each form's answers for accounts that exist and for such that do not."""
    names = [name for name in provider.accounts() if len(name) >= _SHORTEST_CHOSEN]
    known = [Identifier(name, f"{name}@example.org") for name in names]
    for form in FORMS:
        yield _compare(provider, form, known)


def area(first: Sequence[float], second: Sequence[float]) -> float:
    """Return how often one of the first is longer than one of the second, or shorter: ≥ 0.5."""
    ordered = sorted(second)
    below = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in first) / 2
    share = below / (len(first) * len(second))
    return max(share, 1 - share)


def _compare(provider: Provider, form: Form, known: Sequence[Identifier]) -> Compared:
    seconds: dict[bool, list[float]] = {True: [], False: []}
    shapes: dict[bool, set[str]] = {True: set(), False: set()}
    order = [True, False] * (SAMPLES + _WARM_UP)
    random.shuffle(order)
    for number, is_known in enumerate(order):
        provider.move_clock(_PAUSE_SECONDS)
        typed = known[number % len(known)] if is_known else _nobody()
        took, shape = _sample(provider, form, typed)
        shapes[is_known].add(shape)
        if number >= 2 * _WARM_UP:
            seconds[is_known].append(took)
    differences = sorted(shapes[True] ^ shapes[False])
    return Compared(form.name, area(seconds[True], seconds[False]), differences)


def _sample(provider: Provider, form: Form, typed: Identifier) -> tuple[float, str]:
    """Send a form once; return how long the answer took, and its shape and the next page's."""
    visitor = Visitor()
    page, values = form.fill(visitor, provider.url, typed)
    shown = next(one for one in page.forms if set(values) <= one.field_names)
    sent = shown.values() | values
    began = time.perf_counter()
    answer = visitor.send("POST", f"{provider.url}{shown.action}", sent, follow=False)
    took = time.perf_counter() - began
    onward = visitor.open(answer.location) if answer.location else answer
    visitor.close()
    return took, _shape(answer, typed) + _shape(onward, typed)


def _shape(answer: Answer, typed: Identifier) -> str:
    headers = answer.response.headers.items()
    kept = [f"{name}: {text}" for name, text in headers if name.lower() not in _UNEQUAL_HEADERS]
    cookies = [text.partition("=")[0] for text in answer.response.headers.get_list("set-cookie")]
    whole = "\n".join([str(answer.status), *kept, *cookies, answer.response.text])
    for text in (typed.email, typed.email.replace("@", "%40"), typed.username):
        whole = whole.replace(text, "<typed>")
    return _CHANGING.sub("<random>", whole)


def _nobody() -> Identifier:
    name = f"n{secrets.token_hex(5)}"
    return Identifier(name, f"{name}@example.org")


def _sign_in(visitor: Visitor, url: str, typed: Identifier) -> tuple[Answer, dict[str, str]]:
    return visitor.open(f"{url}/sign-in"), {"username": typed.username, "password": _PASSWORD}


def _unlock(visitor: Visitor, url: str, typed: Identifier) -> tuple[Answer, dict[str, str]]:
    return visitor.open(f"{url}/unlock"), {"username": typed.email}


def _password(visitor: Visitor, url: str, typed: Identifier) -> tuple[Answer, dict[str, str]]:
    return visitor.open(f"{url}/forgot-password"), {"username": typed.username}


def _username(visitor: Visitor, url: str, typed: Identifier) -> tuple[Answer, dict[str, str]]:
    names = {"first_name": "Rosa", "last_name": "Recipient"}
    return visitor.open(f"{url}/forgot-username"), {**names, "email": typed.email}


def _registration(visitor: Visitor, url: str, typed: Identifier) -> tuple[Answer, dict[str, str]]:
    """Go to the last page, which sends the mail; the address is taken or free."""
    page = visitor.open(f"{url}/register").submit({"account_type": "individual"})
    names = {"first_name": "Mara", "last_name": "Okafor-Lind"}
    page = page.submit({"username": _nobody().username, **names}, button="Continue")
    page = page.submit({"email": typed.email, "confirm_email": typed.email}, button="Continue")
    chosen = {"new_password": _PASSWORD, "confirm_password": _PASSWORD, "accept_terms": "y"}
    return page, chosen


def _taken_name(visitor: Visitor, url: str, typed: Identifier) -> tuple[Answer, dict[str, str]]:
    page = visitor.open(f"{url}/register").submit({"account_type": "individual"})
    names = {"first_name": "Mara", "last_name": "Okafor-Lind"}
    return page, {"username": typed.username, **names}


FORMS = (
    Form("registration, address", _registration),
    Form("registration, username", _taken_name),
    Form("sign-in", _sign_in),
    Form("unlock", _unlock),
    Form("forgot username", _username),
    Form("forgot password", _password),
)


def on_sqlite() -> list[Compared]:
    """Compare on a provider of its own, and say what was found."""
    with (
        tempfile.TemporaryDirectory(prefix="equal-") as folder,
        running_provider(Path(folder)) as provider,
    ):
        return list(_told(compare(provider)))


def _told(compared: Iterator[Compared]) -> Iterator[Compared]:
    for one in compared:
        print(f"{one.form}: area {one.area:.3f}, {len(one.differences)} differences", flush=True)
        yield one


if __name__ == "__main__":
    sys.exit(not all(one.is_equal for one in on_sqlite()))
