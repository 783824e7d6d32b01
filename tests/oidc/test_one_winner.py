"""What may be used once is used once, however many try at the same moment; on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db, writing
from idp.oidc.clients.store import enabled
from idp.oidc.connections import reading
from idp.oidc.pushed import service as pushed_requests
from idp.oidc.replays import service as replays
from idp.people.accounts.service import Account
from idp.people.consents import service as consents
from tests.oidc.story import Application
from tests.parts.application import START, on_both_databases

_AT_ONCE = 8
Result = TypeVar("Result")


def at_once(app: Flask, parts: Parts, use: Callable[[Context], Result]) -> list[Result]:
    """Do the same thing several times at once, each with a connection of its own."""
    with app.app_context():
        engine = db.engine

    def once(_: int) -> Result:
        with Session(engine) as session:
            return use(parts.context(session, Origin.system("test")))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(once, range(_AT_ONCE)))


@on_both_databases
def test_PA_03_a_request_uri_has_one_winner(
    app: Flask, parts: Parts, ctx: Context, portal: Application
) -> None:
    with reading(ctx) as connection:
        client = enabled(connection, portal.client_id)
    assert client
    uri = pushed_requests.keep(ctx, client, portal.request())
    taken = at_once(app, parts, lambda own: pushed_requests.take(own, client, uri))
    assert [found for found in taken if found] == [portal.request()]


@on_both_databases
def test_TK_18_a_jti_has_one_winner(app: Flask, parts: Parts, portal: Application) -> None:
    end = START + timedelta(minutes=1)
    used = at_once(app, parts, lambda own: replays.use_once(own, portal.client_id, "one", end))
    assert sorted(used) == [False] * (_AT_ONCE - 1) + [True]


@on_both_databases
def test_a_jti_is_forgotten_when_its_jwt_is_over(ctx: Context, portal: Application) -> None:
    for minutes in (-1, 1):
        end = START + timedelta(minutes=minutes)
        assert replays.use_once(ctx, portal.client_id, f"of {minutes}", end)
    assert replays.forget_expired(ctx) == 1
    assert replays.forget_expired(ctx) == 0


@on_both_databases
def test_two_tabs_that_agree_make_one_consent(
    app: Flask, parts: Parts, ctx: Context, recipient: Account
) -> None:
    account_id = recipient.id

    def agree(own: Context) -> str:
        with writing(own.db):
            names, scopes = {"en": "A Shop"}, ["openid"]
            given = consents.give(own, account_id, "shop", client_names=names, scopes=scopes)
            return given.id

    assert len(set(at_once(app, parts, agree))) == 1
    ctx.db.rollback()  # look anew
    assert len(consents.listed(ctx, account_id)) == 1
