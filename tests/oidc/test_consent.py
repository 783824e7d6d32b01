"""Asking a person before an application of somebody else gets anything."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc import scopes
from idp.oidc.clients import service as clients
from idp.people.accounts.service import Account
from idp.people.consents import service as consents
from idp.people.consents import words
from idp.people.sessions import service as sessions
from tests.oidc import story
from tests.oidc.person import Person, handle_of, hidden, leads_to, press
from tests.oidc.story import Application, Browser, answer_of, is_refusal_page
from tests.parts.application import on_both_databases


def allow(browser: Browser, application: Application, **changes: str | None) -> dict[str, str]:
    asked = browser.authorize(application, **changes)
    allowed = press(browser.client, asked, "decision", "allow")
    return answer_of(browser.client.get(allowed.headers["Location"]))


@on_both_databases
def test_a_person_is_asked_once_and_reads_what_it_is_about(
    browser: Browser, stranger: Application
) -> None:
    asked = browser.authorize(stranger, scope="openid email access")
    assert leads_to(asked, "/oidc/consent")
    page = browser.client.get(asked.headers["Location"])
    assert "A Stranger" in page.text
    assert "localhost" in page.text
    assert words.WORDS["email"] in page.text
    assert words.WORDS["access"] in page.text
    assert words.WORDS["phone"] not in page.text
    allowed = press(browser.client, asked, "decision", "allow")
    assert "code" in answer_of(browser.client.get(allowed.headers["Location"]))
    assert "code" in answer_of(browser.authorize(stranger, scope="openid email"))
    assert "code" in answer_of(browser.authorize(stranger, scope="openid", prompt="none"))


def test_more_than_was_allowed_is_asked_again(browser: Browser, stranger: Application) -> None:
    allow(browser, stranger, scope="openid email")
    assert leads_to(browser.authorize(stranger, scope="openid phone"), "/oidc/consent")
    allow(browser, stranger, scope="openid phone")
    both = browser.authorize(stranger, scope="openid email phone", prompt="none")
    assert "code" in answer_of(both)


def test_AZ_20_without_consent_prompt_none_shows_no_page(
    browser: Browser, stranger: Application
) -> None:
    answered = answer_of(browser.authorize(stranger, prompt="none"))
    assert answered["error"] == "consent_required"


def test_who_says_no_is_believed(
    ctx: Context, browser: Browser, stranger: Application, recipient: Account
) -> None:
    asked = browser.authorize(stranger)
    answered = answer_of(press(browser.client, asked, "decision", "deny"))
    assert answered["error"] == "access_denied"
    assert answered["state"] == stranger.request()["state"]
    assert consents.in_force(ctx, recipient.id, "stranger") is None
    # The way is at its end: no tab can still say yes.
    resumed = browser.client.get(f"/oidc/authorize/resume?tx={handle_of(asked)}")
    assert resumed.status_code == 410


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW"])
def test_anything_but_yes_is_no(browser: Browser, stranger: Application, decision: str) -> None:
    asked = browser.authorize(stranger)
    page = browser.client.get(asked.headers["Location"])
    sent = hidden(page) | {"decision": decision}
    assert answer_of(browser.client.post("/oidc/consent", data=sent))["error"] == "access_denied"


def test_SE_08_another_site_cannot_say_yes(browser: Browser, stranger: Application) -> None:
    tx = handle_of(browser.authorize(stranger))
    forged = browser.client.post("/oidc/consent", data={"tx": tx, "decision": "allow"})
    assert forged.status_code == 403
    still = browser.client.get(f"/oidc/authorize/resume?tx={tx}")
    assert leads_to(still, "/oidc/consent")


def test_going_round_the_page_gives_no_code(browser: Browser, stranger: Application) -> None:
    tx = handle_of(browser.authorize(stranger))
    assert leads_to(browser.client.get(f"/oidc/authorize/resume?tx={tx}"), "/oidc/consent")


def test_another_browser_cannot_answer(
    app: Flask, ctx: Context, browser: Browser, stranger: Application
) -> None:
    other = story.sign_in(ctx, app, story.person(ctx, "other"))
    tx = handle_of(browser.authorize(stranger))
    assert other.client.get(f"/oidc/consent?tx={tx}").status_code == 410
    assert other.client.get("/oidc/consent").status_code == 410


def test_first_party_applications_ask_nobody(browser: Browser, portal: Application) -> None:
    assert "code" in answer_of(browser.authorize(portal))


def test_prompt_consent_asks_every_time(
    browser: Browser, portal: Application, stranger: Application
) -> None:
    for application in (portal, stranger):
        assert "code" in allow(browser, application, prompt="consent")
        assert leads_to(browser.authorize(application, prompt="consent"), "/oidc/consent")


def test_consent_comes_after_signing_in(rosa: Person, stranger: Application) -> None:
    done = rosa.sign_in(rosa.ask(stranger, prompt="login consent").headers["Location"])
    asked = rosa.client.get(done.headers["Location"])
    assert leads_to(asked, "/oidc/consent")
    allowed = press(rosa.client, asked, "decision", "allow")
    assert "code" in answer_of(rosa.client.get(allowed.headers["Location"]))


def test_a_session_that_ended_at_the_page_is_no_consent(
    browser: Browser, stranger: Application, clock: FixedClock
) -> None:
    asked = browser.authorize(stranger)
    page = browser.client.get(asked.headers["Location"])
    clock.advance(900)
    answer = browser.client.post("/oidc/consent", data=hidden(page) | {"decision": "allow"})
    assert "callback" not in answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("path", "changes"),
    [("/oidc/consent", {}), ("/oidc/select-account", {"prompt": "select_account"})],
)
def test_who_was_signed_out_meanwhile_signs_in_again(
    ctx: Context, browser: Browser, stranger: Application, path: str, changes: dict[str, str]
) -> None:
    asked = browser.authorize(stranger, **changes)
    assert leads_to(asked, path)
    page = browser.client.get(asked.headers["Location"])
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out_everywhere")
    sent = hidden(page) | {"decision": "allow", "choice": "continue"}
    for answer in (
        browser.client.get(asked.headers["Location"]),
        browser.client.post(path, data=sent),
    ):
        assert leads_to(answer, "/oidc/authorize/resume")
        assert leads_to(browser.client.get(answer.headers["Location"]), "/sign-in")


@pytest.mark.parametrize(
    ("path", "changes"),
    [("/oidc/consent", {}), ("/oidc/select-account", {"prompt": "select_account"})],
)
def test_a_client_disabled_at_the_page_gets_nothing(
    ctx: Context,
    browser: Browser,
    stranger: Application,
    clock: FixedClock,
    path: str,
    changes: dict[str, str],
) -> None:
    asked = browser.authorize(stranger, **changes)
    page = browser.client.get(asked.headers["Location"])
    clients.disable(ctx, stranger.client_id)
    clock.advance(1)
    assert is_refusal_page(browser.client.get(asked.headers["Location"]))
    sent = hidden(page) | {"decision": "allow", "choice": "continue"}
    assert is_refusal_page(browser.client.post(path, data=sent))


def test_AZ_19_AZ_30_the_page_is_one_of_ours(browser: Browser, stranger: Application) -> None:
    asked = browser.authorize(stranger)
    page = browser.client.get(asked.headers["Location"])
    assert page.headers["X-Frame-Options"] == "DENY"
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    # The form's last redirect leads to the application, whose origin was registered.
    assert "form-action 'self' http://localhost:9001" in policy
    assert press(browser.client, asked, "decision", "allow").status_code == 303


def test_the_page_speaks_spanish(browser: Browser, stranger: Application) -> None:
    asked = browser.authorize(stranger, ui_locales="es")
    page = browser.client.get(asked.headers["Location"])
    assert "¿Lo permite?" in page.text
    assert "reconocerle cuando vuelva" in page.text


def test_new_words_are_asked_anew(
    ctx: Context, browser: Browser, stranger: Application, recipient: Account
) -> None:
    allow(browser, stranger)
    with writing(ctx.db):
        ctx.db.execute(text("UPDATE consent SET words_version = 'of old'"))
    assert leads_to(browser.authorize(stranger), "/oidc/consent")
    allow(browser, stranger)
    found = consents.in_force(ctx, recipient.id, "stranger")
    assert found is not None
    assert found.words_version == words.VERSION


@on_both_databases
def test_what_rests_on_a_withdrawn_consent_is_over_at_once(
    ctx: Context, browser: Browser, stranger: Application, recipient: Account
) -> None:
    code = allow(browser, stranger)["code"]
    tokens = stranger.redeem(browser.client, code).get_json()
    waiting = browser.code(stranger)
    assert browser.userinfo(tokens["access_token"]).status_code == 200
    given = consents.in_force(ctx, recipient.id, "stranger")
    assert given is not None
    with writing(ctx.db):
        assert consents.withdraw(ctx, recipient.id, given.id)
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    for refused in (
        stranger.refresh(browser.client, tokens["refresh_token"]),
        stranger.redeem(browser.client, waiting),
    ):
        assert refused.get_json()["error"] == "invalid_grant"
    # A new consent revives nothing of the old one.
    allow(browser, stranger)
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_AD_02_nobody_withdraws_the_consent_of_another(
    ctx: Context, browser: Browser, stranger: Application, recipient: Account
) -> None:
    allow(browser, stranger)
    given = consents.in_force(ctx, recipient.id, "stranger")
    assert given is not None
    with writing(ctx.db):
        assert not consents.withdraw(ctx, "somebody-else", given.id)
    assert "code" in answer_of(browser.authorize(stranger, prompt="none"))


def test_every_scope_that_people_grant_has_its_words() -> None:
    assert set(words.WORDS) == set(scopes.KNOWN)


def test_the_path_of_the_page_is_our_own(browser: Browser, stranger: Application) -> None:
    assert urlsplit(browser.authorize(stranger).headers["Location"]).netloc == ""
