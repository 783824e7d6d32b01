"""Pairwise subjects: two sectors cannot find out that they speak of one person. Core §8."""

from typing import Any

import jwt
import pytest
from flask import Flask

from idp.foundation.context import Context
from idp.oidc.clients import service as clients
from idp.oidc.clients.registration import Registration
from idp.oidc.clients.store import enabled
from idp.oidc.connections import reading
from idp.oidc.logout import backchannel
from idp.oidc.subjects import subject_for
from idp.people.accounts.service import Account
from tests.oidc import story
from tests.oidc.person import leads_to
from tests.oidc.story import CALLBACK, Application, Browser, answer_of, claims_of
from tests.parts.application import on_both_databases


@pytest.fixture
def private(ctx: Context) -> Application:
    """An application that knows people by names of its own."""
    return story.register(ctx, "private", subject_type="pairwise")


def subject(browser: Browser, application: Application) -> str:
    tokens = browser.tokens(application)
    said = claims_of(browser.client, tokens["id_token"], application.client_id)
    found: str = said["sub"]
    assert browser.userinfo(tokens["access_token"]).get_json()["sub"] == found
    return found


@on_both_databases
def test_every_sector_knows_a_person_by_another_name(
    ctx: Context, app: Flask, browser: Browser, recipient: Account, private: Application
) -> None:
    same = story.register(ctx, "same", subject_type="pairwise", redirect_uris=[f"{CALLBACK}/2"])
    other = story.register(
        ctx, "other", subject_type="pairwise", redirect_uris=["https://other.example/cb"]
    )
    public = story.register(ctx, "public")
    known = subject(browser, private)
    assert subject(browser, private) == known
    assert subject(browser, same) == known
    with reading(ctx) as connection:
        elsewhere = enabled(connection, other.client_id)
    assert elsewhere
    names = {known, subject_for(ctx, elsewhere, recipient.sub), subject(browser, public)}
    assert len(names) == 3
    assert subject(browser, public) == recipient.sub
    assert recipient.sub not in known
    somebody = story.sign_in(ctx, app, story.person(ctx, "somebody"))
    assert subject(somebody, private) != known


def test_the_name_stays_when_the_token_is_refreshed(browser: Browser, private: Application) -> None:
    tokens = browser.tokens(private)
    again = private.refresh(browser.client, tokens["refresh_token"]).get_json()
    first, second = (
        claims_of(browser.client, token["id_token"], "private")["sub"] for token in (tokens, again)
    )
    assert first == second


def test_a_hint_and_a_claim_name_the_person_by_it(
    ctx: Context, app: Flask, browser: Browser, recipient: Account, private: Application
) -> None:
    token = browser.tokens(private)["id_token"]
    hinted = browser.authorize(private, id_token_hint=token, prompt="none")
    assert "code" in answer_of(hinted)
    known = claims_of(browser.client, token, "private")["sub"]
    wanted = f'{{"id_token": {{"sub": {{"value": "{known}"}}}}}}'
    assert "code" in answer_of(browser.authorize(private, claims=wanted, prompt="none"))
    by_the_other_name = wanted.replace(known, recipient.sub)
    assert leads_to(browser.authorize(private, claims=by_the_other_name), "/sign-in")
    somebody = story.sign_in(ctx, app, story.person(ctx, "somebody"))
    silent = answer_of(somebody.authorize(private, id_token_hint=token, prompt="none"))
    assert silent["error"] == "login_required"


def test_a_logout_token_names_the_person_by_it(
    ctx: Context, browser: Browser, recipient: Account, private: Application
) -> None:
    known = subject(browser, private)
    with reading(ctx) as connection:
        client = enabled(connection, "private")
    assert client
    sub = subject_for(ctx, client, recipient.sub)
    token = backchannel.logout_token(ctx, client, sub=sub, sid="x")
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == known


@pytest.mark.parametrize(
    "redirect_uris",
    [["https://a.example/cb", "https://b.example/cb"], [CALLBACK, "https://b.example"]],
)
def test_one_sector_is_one_host(ctx: Context, redirect_uris: list[str]) -> None:
    asked: dict[str, Any] = {
        "client_id": "two",
        "client_name": "Two",
        "redirect_uris": redirect_uris,
        "subject_type": "pairwise",
    }
    refused = clients.add(ctx, Registration.model_validate(asked))
    assert isinstance(refused, list)
    assert [problem.key for problem in refused] == ["pairwise_needs_one_host"]
