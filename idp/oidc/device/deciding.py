"""What a person is asked about a device, and what their answer does. RFC 8628 §3.3 and §5.4."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_id
from idp.foundation.rate_limits.service import LimitName, hit
from idp.foundation.results import Refused
from idp.oidc import scopes
from idp.oidc.clients.client import Client
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.device import codes, store
from idp.oidc.device.asking import USER_CODE_PURPOSE
from idp.oidc.device.model import DeviceRow
from idp.oidc.grants import store as grants
from idp.oidc.grants.standing import may_enter
from idp.oidc.subjects import subject_for
from idp.people.consents import service as consents
from idp.people.sessions import service as sessions
from idp.people.sessions.rules import AAL2, acr_satisfies
from idp.people.sessions.service import CurrentSession

_NOT_FOUND = Refused("user_code_wrong", "user_code")


class Fresh(Enum):
    """Whether a session may approve a device."""

    YES = "yes"
    SIGN_IN_AGAIN = "sign_in_again"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Question:
    """What the person decides: which application asks, for what, from where, by which code."""

    device: DeviceRow
    client: Client
    user_code: str

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the device asks for."""
        return scopes.split(self.device.scope)


def freshness(ctx: Context, session: CurrentSession) -> Fresh:
    """Tell whether the person signed in with a second factor just now.

    NEVER: they just signed in, and have no second factor.
    """
    lasting = timedelta(seconds=ctx.policies.tokens.device_fresh_seconds)
    is_recent = ctx.now() - session.auth_time < lasting
    has_factor = session.factor_time is not None and ctx.now() - session.factor_time < lasting
    if is_recent and has_factor and acr_satisfies(session.acr, AAL2):
        return Fresh.YES
    return Fresh.NEVER if is_recent and session.factor_time is None else Fresh.SIGN_IN_AGAIN


def find(
    ctx: Context, directory: ClientDirectory, session: CurrentSession, typed: str
) -> Question | Refused:
    """Return what a code asks; every try of a person counts, right or wrong (§5.1)."""
    if not hit(ctx, LimitName.DEVICE_USER_CODES, session.account_id):
        return Refused("user_code_too_often", "user_code")
    user_code = codes.typed(typed)
    if user_code is None:
        return _NOT_FOUND
    hashed = ctx.digests.keyed(USER_CODE_PURPOSE, user_code)
    device = store.waiting(ctx.db, hashed, ctx.now())
    client = directory.find(ctx, device.client_id) if device else None
    if device is None or client is None:
        return _NOT_FOUND
    return Question(device, client, codes.shown(user_code))


def approve(ctx: Context, question: Question, session: CurrentSession) -> Refused | None:
    """Make the grant that the device redeems."""
    floor = question.client.default_acr_values
    is_enough = not floor or any(acr_satisfies(session.acr, level) for level in floor)
    if not is_enough or not may_enter(session.account_state):
        return Refused("device_needs_more")
    with writing(ctx.db):
        if not store.decide(ctx.db, question.device.id, "approved", ctx.now()):
            return _NOT_FOUND
        values = _grant(ctx, question, session) | {"consent_id": _consent(ctx, question, session)}
        if grants.add_grant(ctx.db.connection(), values):
            client = question.client
            sessions.attach_client(ctx, session.id, client.client_id, client.names)
        _record(ctx, Event.OIDC_DEVICE_APPROVED, question, session)
    return None


def deny(ctx: Context, question: Question, session: CurrentSession) -> Refused | None:
    """Keep that the person said no."""
    with writing(ctx.db):
        if not store.decide(ctx.db, question.device.id, "denied", ctx.now()):
            return _NOT_FOUND
        _record(ctx, Event.OIDC_DEVICE_DENIED, question, session)
    return None


def forget_ended(ctx: Context) -> int:
    """Delete requests of devices that are long over."""
    before = ctx.now() - timedelta(seconds=ctx.policies.tokens.keep_ended_seconds)
    with writing(ctx.db):
        return store.forget_ended(ctx.db, before)


def _consent(ctx: Context, question: Question, session: CurrentSession) -> str | None:
    """Keep the consent that approving is, where the application is somebody else's."""
    client = question.client
    if client.is_first_party:
        return None
    given = consents.give(
        ctx,
        session.account_id,
        client.client_id,
        client_names=client.names,
        scopes=frozenset(question.scopes),
    )
    return given.id


def _grant(ctx: Context, question: Question, session: CurrentSession) -> dict[str, object]:
    device = question.device
    return {
        "id": new_id(),
        "client_id": device.client_id,
        "session_id": session.id,
        "account_id": session.account_id,
        "sub": subject_for(ctx, question.client, session.sub),
        "sid": session.sid,
        "scope": device.scope,
        "auth_time": session.auth_time,
        "amr": list(session.amr),
        "acr": session.acr,
        "granted_at": ctx.now(),
        "redirect_uri": "",
        "code_hash": codes.grant_hash(device.device_code_hash),
        "code_expires_at": device.expires_at,
        "is_offline": scopes.OFFLINE_ACCESS in question.scopes,
        "resource": device.resource,
    }


def _record(ctx: Context, event: Event, question: Question, session: CurrentSession) -> None:
    device = question.device
    record(
        ctx,
        event,
        outcome="denied" if event is Event.OIDC_DEVICE_DENIED else "success",
        subject_id=session.account_id,
        client_id=device.client_id,
        changes={"scope": device.scope, "asked_from": device.asked_from},
    )
