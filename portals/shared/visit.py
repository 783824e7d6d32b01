"""One request's view of the browser session: who it is, in which language, and its cookies."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar, cast
from uuid import uuid4

from flask import Response, g, request
from werkzeug.exceptions import Forbidden

from portals.shared import sessions
from portals.shared.language import choose_language, translate
from portals.shared.parts import Parts
from portals.shared.secrets_kept import form_token
from portals.shared.sessions import Session

_P = ParamSpec("_P")
_R = TypeVar("_R")
_YEAR = 31_536_000
_LONGEST_COOKIE = 64


@dataclass
class Visit:
    """The state of one request; views reach the portal's parts through it."""

    parts: Parts
    language: str
    cookie: str | None = None
    session: Session | None = None
    ended: str | None = None
    is_unsure: bool = False
    session_cookie_changed: bool = False
    language_asked: bool = False
    request_id: str = field(default_factory=lambda: uuid4().hex)

    @property
    def is_signed_in(self) -> bool:
        """Whether a person is signed in and in time."""
        return bool(self.session and self.session.is_signed_in and not self.is_unsure)

    def say(self, message: str, **values: object) -> str:
        """Return a message in the language of the visit."""
        return translate(self.language, message, **values)

    def take_cookie(self, cookie: str) -> None:
        """Go on under another session cookie, which the answer will set."""
        self.cookie, self.session_cookie_changed = cookie, True
        self.reload()

    def reload(self) -> None:
        """Read the session again after it was changed."""
        now = self.parts.clock.now()
        self.session = sessions.find(self.parts.database, self.cookie, now) if self.cookie else None

    def visitor(self) -> tuple[str, Session]:
        """Return cookie and session, opening a visitor's session when there is none."""
        if self.cookie is None or self.session is None:
            self.take_cookie(sessions.start_visit(self.parts.database, self.parts.clock.now()))
        return cast("str", self.cookie), cast("Session", self.session)

    def form_token(self) -> str:
        """Return the synchroniser token for a form; opens a session when there is none."""
        return form_token(self.visitor()[0])


def current() -> Visit:
    """Return the visit of this request."""
    return cast("Visit", g.visit)


def open_visit(parts: Parts) -> None:
    """Read the browser's cookies at the start of a request, and judge its session."""
    names = cookie_names(parts)
    asked, kept = request.args.get("lang"), request.cookies.get(names["language"])
    visit = Visit(parts, choose_language(asked, kept, request.accept_languages))
    visit.language_asked = asked == visit.language and asked != kept
    g.visit = visit
    cookie = request.cookies.get(names["session"], "")
    if 0 < len(cookie) <= _LONGEST_COOKIE:
        visit.session = sessions.find(parts.database, cookie, parts.clock.now())
        visit.cookie = cookie if visit.session else None
    if visit.session:
        _judge(visit, visit.session)


def _judge(visit: Visit, session: Session) -> None:
    visit.ended = session.ended_reason
    if not session.is_signed_in:
        return
    verdict = visit.parts.liveness.judge(session)
    visit.is_unsure = verdict.state == "unsure"
    if verdict.state == "ended":
        end_session(visit, verdict.reason)
    elif visit.parts.liveness.seconds_left(session) == 0:
        visit.reload()  # the provider was asked, and knows of a later action elsewhere


def end_session(visit: Visit, reason: str) -> None:
    """Sign the visit out; the reason is told on the next page."""
    parts, session = visit.parts, visit.session
    if session:
        sessions.end(parts.database, session.key, reason, parts.clock.now())
        parts.log.info("session.ended", reason=reason)
        visit.reload()
        visit.ended = reason


def record_action(visit: Visit) -> None:
    """Keep that the person acted, and have it reported to the provider."""
    if visit.is_signed_in and visit.session and not _is_prefetch():
        parts = visit.parts
        sessions.record_action(parts.database, visit.session.key, parts.clock.now())
        visit.reload()
        parts.reporter.wake()


def _is_prefetch() -> bool:
    """A page the browser fetches ahead is no action of the person."""
    return "prefetch" in request.headers.get("Sec-Purpose", "")


def check_form_token(visit: Visit) -> None:
    """Refuse a POST without the session's own synchroniser token; raises Forbidden."""
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    expected = form_token(visit.cookie) if visit.cookie else ""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Forbidden


def cookie_names(parts: Parts) -> Mapping[str, str]:
    """Return the cookies' names: of this portal alone, because a host's ports share cookies."""
    prefix = "__Host-" if parts.settings.is_secure else ""
    name = f"{prefix}{parts.site.client_id}"
    return {"session": name, "language": f"{name}-language"}


def set_cookies(visit: Visit, response: Response) -> None:
    """Write the cookies that this request changed: no Domain, and no Expires for the session."""
    names, is_secure = cookie_names(visit.parts), visit.parts.settings.is_secure

    def write(name: str, value: str, max_age: int | None = None) -> None:
        response.set_cookie(
            *(names[name], value), max_age=max_age, secure=is_secure, httponly=True, samesite="Lax"
        )

    if visit.session_cookie_changed and visit.cookie:
        write("session", visit.cookie)
    if visit.language_asked:
        write("language", visit.language, _YEAR)


def passive(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a view whose request is no action of the person: polling, or an automatic page."""

    @wraps(view)
    def unchanged(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return view(*args, **kwargs)

    unchanged.is_passive = True  # type: ignore[attr-defined]
    return unchanged


def machine(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a view that the provider's server posts to: it carries no cookie, so no form token."""
    marked = passive(view)
    marked.is_machine = True  # type: ignore[attr-defined]
    return marked
