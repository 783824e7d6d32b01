"""What has expired is deleted as fast as it comes, however much it is."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from idp.cli.work import forget_old
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import Base, writing
from idp.foundation.outbox.model import OutboxRow
from idp.foundation.rate_limits.model import RateLimitWindow
from idp.people.accounts.model import Registration
from idp.people.credentials.model import AttemptCounter
from idp.web.transactions.model import TransactionRow
from tests.parts.application import START, on_both_databases

pytestmark = on_both_databases

_MANY = 1100
_MINUTE, _HOUR = 60, 3600


def _count(ctx: Context, row: type[Base]) -> int:
    ctx.db.rollback()
    return ctx.db.scalar(select(func.count()).select_from(row)) or 0


def _transaction(number: int, minutes: int = 0) -> dict[str, object]:
    began = START + timedelta(minutes=minutes)
    return {
        "id": f"{number:036}", "handle_hash": f"{number:064}", "browser_hash": "0" * 64,
        "return_to": "/", "progress": {}, "created_at": began, "expires_at": began,
    }  # fmt: skip


def _counter(number: int) -> dict[str, object]:
    return {
        "key": f"{number:064}", "kind": "identifier", "failures": 1, "total": 1, "locks": 0,
        "last_failed_at": START, "updated_at": START,
    }  # fmt: skip


def _delivered(number: int) -> dict[str, object]:
    return {
        "id": f"{number:036}", "kind": "mail", "message_id": f"<{number}@test>",
        "state": "delivered", "created_at": START, "due_at": START, "settled_at": START,
    }  # fmt: skip


def _window(number: int) -> dict[str, object]:
    ends_at = int(START.timestamp())
    return {"key": f"{number:064}", "number": 1, "current": 1, "previous": 0, "ends_at": ends_at}


def _registration(number: int) -> dict[str, object]:
    return {
        "id": f"{number:036}", "transaction_id": f"{number:036}", "email_key": f"{number}@test",
        "details_sealed": "", "password_hash": "", "created_at": START,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "made"),
    [
        (TransactionRow, _transaction),
        (AttemptCounter, _counter),
        (OutboxRow, _delivered),
        (RateLimitWindow, _window),
        (Registration, _registration),
    ],
)
def test_F_25_one_round_deletes_more_than_a_batch(
    ctx: Context, clock: FixedClock, row: type[Base], made: object
) -> None:
    assert callable(made)
    with writing(ctx.db):
        ctx.db.execute(insert(row), [made(number) for number in range(_MANY)])
    clock.advance(40 * 86400)
    forget_old(ctx)
    assert _count(ctx, row) == 0


def test_F_25_what_anybody_can_begin_is_kept_an_hour_after_its_end(
    ctx: Context, clock: FixedClock
) -> None:
    with writing(ctx.db):
        ctx.db.execute(insert(TransactionRow), [_transaction(1), _transaction(2, minutes=2)])
    clock.advance(_HOUR + _MINUTE)
    forget_old(ctx)
    assert _count(ctx, TransactionRow) == 1
