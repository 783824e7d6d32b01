"""Signing in at the provider: the way there, and the way back with every check."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from portals.shared import sessions, sign_ins
from portals.shared.grants import Grant, seal_grant
from portals.shared.pages.notice import SECURE, has_accepted
from portals.shared.pages.rendering import go_to, render
from portals.shared.provider import Tokens
from portals.shared.refusals import ProviderUnreachable, SignInRefused
from portals.shared.safe_paths import local_target, safe_path, with_goal
from portals.shared.secrets_kept import new_secret
from portals.shared.sign_ins import Begun
from portals.shared.visit import Visit, current, machine, passive

blueprint = Blueprint("sign_in", __name__)

_ANSWER = ("state", "iss", "code", "error")
_AWAY = {"server_error", "temporarily_unavailable"}


@blueprint.get("/sign-in")
def start() -> Response:
    """Begin to sign in; also the place the provider sends people to (Core 1.0 section 4)."""
    visit, goal = current(), _goal()
    if request.args.get("iss", visit.parts.settings.issuer) != visit.parts.settings.issuer:
        raise BadRequest
    if visit.is_signed_in:
        return go_to(goal)
    if not has_accepted(visit, visit.session):
        return go_to(with_goal("/notice", goal))
    return _to_provider(visit, goal)


@blueprint.post("/sign-in")
@machine
def start_by_post() -> Response:
    """Core 1.0 section 4 allows POST too; it only leads to the GET, so it needs no form token."""
    return go_to(with_goal("/sign-in", _goal()))


@blueprint.get("/register")
def register() -> Response:
    """Create an account at the provider and come back signed in (prompt=create)."""
    return _to_provider(current(), SECURE, prompt="create")


def _goal() -> str:
    """Return where the person was going, as a path of this portal."""
    target = request.values.get("target_link_uri")
    if target:
        return local_target(target, current().parts.settings.base_url, SECURE)
    return safe_path(request.values.get("next"), SECURE)


def _to_provider(visit: Visit, goal: str, **parameters: str) -> Response:
    parts = visit.parts
    cookie, _ = visit.visitor()
    made = parts.provider.start(
        _redirect_uri(visit),
        ui_locales=visit.language,
        acr_values=" ".join(parts.site.accepted_acrs),
        **parameters,
    )
    begun = Begun(made.nonce, made.code_verifier, goal)
    sign_ins.keep(parts.database, cookie, made.state, begun, parts.clock.now())
    return go_to(made.url)


def _redirect_uri(visit: Visit) -> str:
    return f"{visit.parts.settings.base_url}/callback"


@blueprint.get("/callback")
@passive
def callback() -> Response:
    """Take the provider's answer; opens the session under a new id, or says what went wrong."""
    visit, answer = current(), _answer()
    begun = _begun(visit, answer.get("state", ""))
    if begun is None:
        return render("sign_in_stopped.html", 400, why="stale")
    if answer.get("iss") != visit.parts.settings.issuer:  # RFC 9207 section 2.4
        raise SignInRefused("iss")
    if "error" in answer:
        return _stopped(visit, answer["error"])
    return _enter(visit, answer.get("code", ""), begun)


def _answer() -> dict[str, str]:
    """Return the parameters of the answer; a doubled one makes it ambiguous, so it is refused."""
    if any(len(request.args.getlist(name)) > 1 for name in _ANSWER):
        raise BadRequest
    return {name: request.args[name] for name in _ANSWER if name in request.args}


def _begun(visit: Visit, state: str) -> Begun | None:
    if not state or visit.cookie is None:
        return None
    return sign_ins.take(visit.parts.database, visit.cookie, state, visit.parts.clock.now())


def _stopped(visit: Visit, error: str) -> Response:
    """Say that the sign-in was cancelled or failed; the provider's own words are not repeated."""
    visit.parts.log.info("sign_in.stopped", reason=error)
    if error in _AWAY:
        raise ProviderUnreachable(error)
    if error == "access_denied":
        return render("sign_in_stopped.html", why="cancelled")
    return render("sign_in_stopped.html", 400, why="refused")


def _enter(visit: Visit, code: str, begun: Begun) -> Response:
    parts = visit.parts
    if not code:
        raise SignInRefused("code")
    tokens = parts.provider.redeem(code, begun.code_verifier, _redirect_uri(visit))
    grant = Grant(tokens, parts.provider.identity(tokens, begun.nonce))
    if grant.identity.acr not in parts.site.accepted_acrs:  # RFC 9470: ask, and check the answer
        raise SignInRefused("acr")
    if not _open_session(visit, grant):
        return render("sign_in_stopped.html", 400, why="ended")
    parts.log.info("sign_in.succeeded", acr=grant.identity.acr)
    parts.reporter.wake()
    return go_to(begun.goal)


def _open_session(visit: Visit, grant: Grant) -> bool:
    parts, (_, visitor) = visit.parts, visit.visitor()
    cookie, now = new_secret(), parts.clock.now()
    entry = _entry(grant, grant.tokens, cookie, now + parts.settings.overall_seconds)
    if not sessions.enter(parts.database, visitor, cookie, entry, now):
        return False
    visit.take_cookie(cookie)
    return True


def _entry(grant: Grant, tokens: Tokens, cookie: str, overall_ends_at: int) -> sessions.Entry:
    identity = grant.identity
    return sessions.Entry(
        sub=identity.sub,
        sid=identity.sid,
        sealed=seal_grant(cookie, grant),
        access_expires_at=tokens.access_expires_at,
        overall_ends_at=overall_ends_at,
        issued_at=identity.issued_at,
    )
