"""Health: live (the process answers) and ready (it could serve a sign-in now)."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from idp.foundation.database import db
from idp.foundation.migrations import current_revision, older_revisions
from idp.foundation.outbox import service as outbox
from idp.web.context import current_context
from idp.web.guards import page

blueprint = Blueprint("health", __name__, url_prefix="/health")
_UNAVAILABLE = 503


@blueprint.get("/live")
@page("operator", csrf=False)
def live() -> Response:
    """Say that the process answers; asks nothing of the database."""
    return jsonify(status="live")


@blueprint.get("/ready")
@page("operator", csrf=False)
def ready() -> tuple[Response, int]:
    """Say whether the database answers and its schema is one this code can run on.

    How the worker stands is told as well, and decides nothing: pages work without it.
    """
    checks = {"database": _database_answers(), "schema": _schema_is_known()}
    is_ready = all(checks.values())
    worker = _worker() if is_ready else None
    body = jsonify(status="ready" if is_ready else "not ready", **checks, worker=worker)
    return body, 200 if is_ready else _UNAVAILABLE


def _worker() -> dict[str, Any] | None:
    try:
        return asdict(outbox.standing(current_context()))
    except SQLAlchemyError:
        return None


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _schema_is_known() -> bool:
    """Whether the schema is at this code's head, or ahead of it (a rolling upgrade)."""
    try:
        revision = current_revision(db.session.connection())
    except SQLAlchemyError:
        return False
    return revision is not None and revision not in older_revisions()
