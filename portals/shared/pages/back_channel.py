"""Where the provider says that a session is over (OpenID Connect Back-Channel Logout 1.0)."""

import sqlite3

from flask import Blueprint, Response, jsonify, make_response, request

from portals.shared import sessions
from portals.shared.id_tokens import SKEW_SECONDS
from portals.shared.logout_tokens import LogoutNotice
from portals.shared.parts import Parts
from portals.shared.refusals import ProviderUnreachable, SignInRefused
from portals.shared.visit import current, machine

blueprint = Blueprint("back_channel", __name__)

# How long a notice may wait for a code that is being traded at the same moment.
_OVERTAKEN_SECONDS = 600


@blueprint.post("/backchannel-logout")
@machine
def receive() -> Response:
    """End the sessions that a valid logout token names: 200, or 400 for any other token.

    503 when the provider's keys cannot be fetched: nothing was decided, it may try again.
    """
    parts = current().parts
    try:
        ended = _act_once(parts, parts.provider.logout_notice(_token()))
    except SignInRefused as refusal:
        parts.log.warning("back_channel.refused", reason=refusal.reason)
        return make_response(jsonify(error="invalid_request"), 400)
    except ProviderUnreachable:
        return make_response(jsonify(error="temporarily_unavailable"), 503)
    parts.log.info("back_channel.accepted", ended=ended)
    return make_response(b"", 200)


def _token() -> str:
    tokens = request.form.getlist("logout_token")
    if len(tokens) != 1:
        raise SignInRefused("logout_token")
    return tokens[0]


def _act_once(parts: Parts, notice: LogoutNotice) -> int:
    """End the sessions and remember the `jti`, in one transaction; SignInRefused on a replay."""
    now = parts.clock.now()
    forget_at = max(notice.expires_at + SKEW_SECONDS, now + _OVERTAKEN_SECONDS) + 1
    try:
        with parts.database.writing() as rows:
            rows.execute(
                "INSERT INTO logout_notices VALUES (?, ?, ?, ?, ?)",
                (notice.jti, notice.sid, notice.sub, notice.issued_at, forget_at),
            )
            return sessions.end_noticed(rows, notice.sid, notice.sub, now)
    except sqlite3.IntegrityError as error:
        raise SignInRefused("jti") from error
