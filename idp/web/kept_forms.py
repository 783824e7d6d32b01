"""What somebody typed when it could not be taken: kept at once, shown again on its page.

A form that arrives after the session is over, or that needs a second factor first, is never acted
upon by itself. Its owner finds the page filled as they left it, looks, and sends it once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, request
from werkzeug.datastructures import MultiDict
from wtforms import Form

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.web.context import current_context, readable_path
from idp.web.drafts import rules
from idp.web.drafts import service as drafts
from idp.web.drafts.service import Draft
from idp.web.sessions import current_session


@dataclass
class Shown:
    """What is kept for the page of this request. is_filled: a form of the page took it."""

    draft: Draft
    is_filled: bool = False


def keep(ctx: Context, account_id: str, action: str, fields: Mapping[str, str]) -> str | None:
    """Keep a form for its owner; return the page that will show it; inside `writing`.

    action: the path that the form is sent to. None when it holds nothing to keep.
    """
    draft = Draft(readable_path(action), action, fields)
    return draft.path if drafts.keep(ctx, account_id, draft) else None


def forget_sent(ctx: Context, account_id: str) -> None:
    """Delete what was kept for a page whose form is sent now: it has what the person wants."""
    if request.method == "POST":
        discard(ctx, account_id, readable_path(request.path))


def discard(ctx: Context, account_id: str, path: str) -> None:
    """Delete what is kept for a page of this person, if anything is."""
    if drafts.find(ctx, account_id, path):
        with writing(ctx.db):
            drafts.forget(ctx, account_id, path)


def shown() -> Shown | None:
    """Return what is kept for the page that this request reads, asked once a request."""
    if "kept_form" not in g:
        g.kept_form = _find()
    kept: Shown | None = g.kept_form
    return kept


def fill(form: Form) -> None:
    """Fill a page's form with what is kept for it, but for its secrets.

    Only the form that the person had sent: it has every kept field and is sent to the page itself.
    """
    kept = shown()
    if kept is None or not kept.draft.is_of_page or not set(kept.draft.fields) <= set(form._fields):
        return
    typed = MultiDict(kept.draft.fields)
    for name, field in form._fields.items():
        if rules.is_kept(name):
            field.process(typed, field.data)
    kept.is_filled = True


def _find() -> Shown | None:
    session = current_session() if request.method == "GET" else None
    if session is None:
        return None
    draft = drafts.find(current_context(), session.account_id, request.path)
    return Shown(draft) if draft else None
