"""Rotation and withdrawal of signing keys (security.md, JW-08 and JW-09), inside one process."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.policy_models.tokens import TokensPolicy
from idp.foundation.results import Refused
from idp.foundation.signing_keys import lifecycle, rules
from idp.foundation.signing_keys.model import SigningKeyRow
from idp.foundation.signing_keys.service import SigningKeys
from tests.oidc import story
from tests.oidc.story import Application, Browser
from tests.parts.application import on_both_databases

PUBLISH = 900
RELOAD = 5


def published(client: FlaskClient) -> dict[str, str]:
    """The kid of every key that the provider shows, with its algorithm."""
    keys = client.get("/oidc/jwks").get_json()["keys"]
    return {key["kid"]: key["alg"] for key in keys}


def signer(browser: Browser, application: Application) -> str:
    """The kid of the key that signs for an application now."""
    token = browser.tokens(application)["id_token"]
    return str(jwt.get_unverified_header(token)["kid"])


def rotated(ctx: Context, alg: str = "RS256") -> str:
    row = lifecycle.rotate(ctx, alg)
    assert isinstance(row, SigningKeyRow)
    return row.kid


@pytest.fixture
def fresh(ctx: Context, app: Flask, recipient: Any) -> Callable[[], Browser]:
    """Sign in anew: the clock moves further than a session lives."""
    return lambda: story.sign_in(ctx, app, recipient)


def test_every_algorithm_has_its_key_from_the_first_moment(client: FlaskClient) -> None:
    assert sorted(published(client).values()) == ["ES256", "EdDSA", "RS256"]
    assert next(iter(published(client).values())) == "RS256"


@on_both_databases
def test_JW_09_a_new_key_is_published_long_before_it_signs(
    ctx: Context,
    portal: Application,
    clock: FixedClock,
    client: FlaskClient,
    fresh: Callable[[], Browser],
) -> None:
    former = signer(fresh(), portal)
    new = rotated(ctx)
    assert {former, new} <= set(published(client))
    clock.advance(PUBLISH - 1)
    lifecycle.advance(ctx)
    assert signer(fresh(), portal) == former
    clock.advance(1)
    clock.advance(RELOAD)
    # Nobody has to write anything down first: every process sees by the clock whose turn it is.
    assert signer(fresh(), portal) == new
    assert {former, new} <= set(published(client))
    assert lifecycle.advance(ctx) == 1
    assert lifecycle.advance(ctx) == 0
    clock.advance(RELOAD)
    assert signer(fresh(), portal) == new
    assert _states(ctx, "RS256") == {former: "retired", new: "active"}
    assert _events(ctx) == ["key.created", "key.retired", "key.activated"]


def test_JW_09_what_a_former_key_signed_verifies_until_it_is_over(
    ctx: Context, portal: Application, clock: FixedClock, browser: Browser, client: FlaskClient
) -> None:
    token = browser.tokens(portal)["id_token"]
    former = jwt.get_unverified_header(token)["kid"]
    rotated(ctx)
    clock.advance(PUBLISH)
    lifecycle.advance(ctx)
    clock.advance(86_399)
    assert former in published(client)
    assert story.claims_of(client, token, "portal")["aud"] == "portal"
    clock.advance(1)
    lifecycle.advance(ctx)
    clock.advance(RELOAD)
    assert former not in published(client)
    gone = ctx.db.execute(text("SELECT count(*) FROM signing_key WHERE kid = :k"), {"k": former})
    assert gone.scalar() == 0


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_each_algorithm_is_rotated_by_itself(
    ctx: Context, clock: FixedClock, client: FlaskClient, fresh: Callable[[], Browser], alg: str
) -> None:
    modern = story.register(ctx, "modern", id_token_signed_response_alg=alg)
    usual = story.register(ctx, "usual")
    before = signer(fresh(), modern), signer(fresh(), usual)
    new = rotated(ctx, alg)
    clock.advance(PUBLISH + RELOAD)
    assert (signer(fresh(), modern), signer(fresh(), usual)) == (new, before[1])
    assert published(client)[new] == alg


def test_one_new_key_waits_at_a_time(ctx: Context) -> None:
    rotated(ctx)
    again = lifecycle.rotate(ctx, "RS256")
    assert isinstance(again, Refused)
    assert again.key == "key_waiting"
    unknown = lifecycle.rotate(ctx, "HS256")
    assert isinstance(unknown, Refused)
    rotated(ctx, "ES256")


@on_both_databases
def test_a_withdrawn_key_verifies_nothing_from_that_moment(
    ctx: Context, portal: Application, browser: Browser, client: FlaskClient
) -> None:
    token = browser.tokens(portal)["id_token"]
    kid = str(jwt.get_unverified_header(token)["kid"])
    assert lifecycle.withdraw(ctx, kid) is None
    assert kid not in published(client)
    hinted = client.get("/oidc/end-session", query_string={"id_token_hint": token})
    assert "Location" not in hinted.headers
    after = signer(browser, portal)
    assert after != kid
    assert after in published(client)
    assert isinstance(lifecycle.withdraw(ctx, kid), Refused)
    assert isinstance(lifecycle.withdraw(ctx, "nothing"), Refused)
    assert "key.withdrawn" in _events(ctx)


def test_a_withdrawn_key_is_replaced_by_the_one_that_waits(
    ctx: Context, portal: Application, browser: Browser
) -> None:
    former, waiting = signer(browser, portal), rotated(ctx)
    lifecycle.withdraw(ctx, former)
    assert signer(browser, portal) == waiting


def test_withdrawing_a_key_that_waits_changes_nothing_else(
    ctx: Context, portal: Application, browser: Browser, client: FlaskClient
) -> None:
    former, waiting = signer(browser, portal), rotated(ctx)
    lifecycle.withdraw(ctx, waiting)
    assert signer(browser, portal) == former
    assert waiting not in published(client)


@on_both_databases
def test_processes_that_start_together_agree_on_the_keys(ctx: Context, app: Flask) -> None:
    engine = ctx.db.get_bind()
    ctx.db.rollback()

    def process() -> SigningKeys:
        policy = ctx.policies.tokens
        return SigningKeys(lambda: Session(engine), ctx.sealing, ctx.clock, policy)

    one, two = process(), process()
    assert [one.active(alg).kid for alg in rules.ALGORITHMS] == [
        two.active(alg).kid for alg in rules.ALGORITHMS
    ]


def test_JW_08_the_private_half_stands_nowhere_in_clear(ctx: Context, client: FlaskClient) -> None:
    key = ctx.signing_keys.active("ES256").key.as_dict(private=True)
    rows = ctx.db.execute(text("SELECT * FROM signing_key")).all()
    assert str(key["d"]) not in str(rows)
    assert str(key["d"]) not in client.get("/oidc/jwks").text


def test_a_policy_that_would_show_a_key_too_late_is_refused(ctx: Context) -> None:
    values = ctx.policies.tokens.model_dump()
    for changes in (
        {"key_publish_seconds": values["jwks_cache_seconds"] + values["keys_reload_seconds"]},
        {"key_keep_seconds": values["id_token_seconds"] - 1},
    ):
        with pytest.raises(ValidationError):
            TokensPolicy.model_validate(values | changes)


def _states(ctx: Context, alg: str) -> dict[str, str]:
    ctx.db.rollback()
    rows = ctx.db.execute(text("SELECT kid, state FROM signing_key WHERE alg = :a"), {"a": alg})
    return {row.kid: row.state for row in rows}


def _events(ctx: Context) -> list[str]:
    ctx.db.rollback()
    found = ctx.db.execute(text("SELECT event FROM audit_event ORDER BY id"))
    return [event for event in found.scalars() if event.startswith("key.")]
