"""What every command starts from: the application's parts and a database session."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from flask import Flask
from pydantic import ValidationError

from idp.app import create_app
from idp.foundation.context import Context, Origin
from idp.foundation.database import db
from idp.foundation.key_ring import KeyFileBad
from idp.foundation.policies import PolicyBad
from idp.foundation.results import Refused
from idp.people.accounts.conformance import OtherAccounts
from idp.people.credentials.breached_passwords import BreachedFilterBad


def application() -> Flask:
    """Return the application, or end the command with what keeps it from starting."""
    try:
        return create_app()
    except (ValidationError, KeyFileBad, PolicyBad, BreachedFilterBad, OtherAccounts) as error:
        fail(str(error))


@contextmanager
def open_context(role: str, app: Flask | None = None) -> Iterator[Context]:
    """Give a context of its own: an application context and a session that is closed after."""
    found = app or application()
    with found.app_context():
        yield found.extensions["idp"].context(db.session(), Origin.system(role))


def fail(message: str) -> NoReturn:
    """End the command with a message on standard error and status 1."""
    click.echo(message, err=True)
    sys.exit(1)


def succeed_or_fail(result: object) -> None:
    """End the command with status 1 when a use case refused."""
    refusals = result if isinstance(result, list) else [result]
    messages = [_words(one) for one in refusals if isinstance(one, Refused)]
    if messages:
        fail("\n".join(messages))


def show(value: Any, *, as_json: bool) -> None:
    """Print a value: JSON when asked, else a line for each entry."""
    if as_json:
        click.echo(json.dumps(value, indent=2, default=str))
        return
    for row in value if isinstance(value, list) else [value]:
        click.echo("  ".join(f"{name}={text}" for name, text in row.items()))


def _words(refused: Refused) -> str:
    details = ", ".join(f"{name}={value}" for name, value in refused.values.items())
    place = f" ({refused.field})" if refused.field else ""
    return f"refused: {refused.key}{place} {details}".rstrip()
