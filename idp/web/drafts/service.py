"""Use of kept forms: what was posted when it could not be done, until its owner sends it again.

Sealed, and bound to its owner and its page: a row that is moved to another person or page opens
for nobody. Nothing is ever done with one but to fill the page's form. Functions that change
something are called inside `writing`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.sealing import SealBroken
from idp.web.drafts import rules
from idp.web.drafts.model import KeptForm

_LONGEST_PATH = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was typed, for the page that shows it.

    path: of that page; action: where the form is sent, often the same.
    """

    path: str
    action: str
    fields: Mapping[str, str]

    @property
    def is_of_page(self) -> bool:
        """Whether the form is sent to its own page, so that the page knows which of its forms."""
        return self.action == self.path

    @property
    def texts(self) -> list[str]:
        """What was typed, for a page that no longer has the form."""
        return [text for text in self.fields.values() if text.strip()]


def keep(ctx: Context, account_id: str, draft: Draft) -> bool:
    """Keep what somebody typed into a page's form, in place of what was kept there before.

    Its secrets are left out here. False when there is nothing to keep, or no room for it.
    """
    policy = ctx.policies.session
    fields = rules.kept(draft.fields, policy.kept_form_bytes)
    if not fields or len(draft.path) > _LONGEST_PATH:
        return False
    forget(ctx, account_id, draft.path)
    row_id = new_id()
    content = json.dumps({"action": draft.action, "fields": fields}).encode()
    bound_to = _bound_to(row_id, account_id, draft.path)
    row = KeptForm(
        id=row_id,
        account_id=account_id,
        path=draft.path,
        fields_sealed=ctx.sealing.seal(content, bound_to=bound_to),
        created_at=ctx.now(),
        expires_at=ctx.now() + timedelta(seconds=policy.kept_form_seconds),
    )
    ctx.db.add(row)
    ctx.db.flush()
    _make_room(ctx, account_id, policy.kept_forms)
    return True


def find(ctx: Context, account_id: str, path: str) -> Draft | None:
    """Return what is kept for a page of this person; None: nothing, or its time is over."""
    row = ctx.db.scalar(
        select(KeptForm).where(
            KeptForm.account_id == account_id,
            KeptForm.path == path,
            KeptForm.expires_at > ctx.now(),
        )
    )
    if row is None:
        return None
    try:
        opened = ctx.sealing.open(row.fields_sealed, bound_to=_bound_to(row.id, account_id, path))
    except SealBroken:  # its key is gone, or somebody moved the row
        return None
    return Draft(path, **json.loads(opened))


def forget(ctx: Context, account_id: str, path: str) -> bool:
    """Delete what is kept for a page: it was sent, discarded or replaced; tell whether it was."""
    gone = ctx.db.scalars(
        delete(KeptForm)
        .where(KeptForm.account_id == account_id, KeptForm.path == path)
        .returning(KeptForm.id)
        .execution_options(synchronize_session=False)
    )
    return bool(gone.all())


def forget_expired(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of what nobody came back for; return how many."""
    old = select(KeptForm.id).where(KeptForm.expires_at <= ctx.now()).limit(limit)
    gone = delete(KeptForm).where(KeptForm.id.in_(old)).returning(KeptForm.id)
    return len(ctx.db.scalars(gone.execution_options(synchronize_session=False)).all())


def _make_room(ctx: Context, account_id: str, most: int) -> None:
    newest = (
        select(KeptForm.id)
        .where(KeptForm.account_id == account_id)
        .order_by(KeptForm.created_at.desc(), KeptForm.id.desc())
        .limit(most)
    )
    ctx.db.execute(
        delete(KeptForm)
        .where(KeptForm.account_id == account_id, KeptForm.id.not_in(newest))
        .execution_options(synchronize_session=False)
    )


def _bound_to(row_id: str, account_id: str, path: str) -> str:
    return f"kept_form:fields_sealed:{row_id}:{account_id}:{path}"
