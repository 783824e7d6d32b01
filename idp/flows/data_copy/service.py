"""Taking the copy: as a file for programs, or as a page for people; each time on record."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from idp.flows.data_copy import contents
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing

Form = Literal["file", "page"]


def note(ctx: Context, account_id: str, form: Form) -> None:
    """Record that the person takes a copy of everything."""
    with writing(ctx.db):
        record(ctx, Event.DATA_COPIED, subject_id=account_id, changes={"form": form})


def everything(ctx: Context, account_id: str) -> dict[str, Any]:
    """Return what the page shows."""
    return contents.everything(ctx, account_id)


def as_json(ctx: Context, account_id: str) -> Iterator[str]:
    """Yield the file piece by piece, so that a long history never stands in memory as a whole."""
    text = _dumped(contents.everything(ctx, account_id), indent=2)
    yield text.removesuffix("\n}") + ',\n  "history": ['
    separator = "\n    "
    for entry in contents.history(ctx, account_id):
        yield separator + _dumped(entry)
        separator = ",\n    "
    yield "\n  ]\n}\n"


def _dumped(values: object, indent: int | None = None) -> str:
    return json.dumps(values, ensure_ascii=False, indent=indent, default=_as_text)


def _as_text(value: object) -> str:
    """Return a moment as text (RFC 3339), which is all that JSON cannot hold here."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a copy cannot hold a {type(value).__name__}")
