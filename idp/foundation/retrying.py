"""Running a use case again when somebody else was first to take what is unique."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

from idp.foundation.context import Context
from idp.foundation.database import writing

_Answer = TypeVar("_Answer")
_TIMES = 3


def trying_again(ctx: Context, use_case: Callable[[], _Answer]) -> _Answer:
    """Run a use case as one transaction; again when another took the same name meanwhile.

    The unique constraint refuses the second of two at once; when it runs again it sees the first.
    """
    for _ in range(_TIMES - 1):
        try:
            with writing(ctx.db):
                return use_case()
        except IntegrityError:
            continue
    with writing(ctx.db):
        return use_case()
