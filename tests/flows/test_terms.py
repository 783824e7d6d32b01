"""The terms of use: a new version is shown once, before anything else."""

import pytest
from flask import Flask
from sqlalchemy import delete, update

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts.model import Account, TermsAcceptance
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import Person, add_person, is_signed_in, open_page, sign_in
from tests.flows.test_profile import changes_recorded
from tests.oidc import story
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor
from tests.parts.html import Form, parse

PATH = "/terms/accept"
ACCEPT = "I accept the terms of use"
CHANGED = "The terms of use have changed"


def forget(ctx: Context, person: Person, *, accepted: str | None = None) -> None:
    """Let a person owe the terms in force; accepted: an older version that they did accept."""
    with writing(ctx.db):
        ctx.db.execute(delete(TermsAcceptance).where(TermsAcceptance.account_id == person.id))
        if accepted:
            row = TermsAcceptance(account_id=person.id, version=accepted, accepted_at=ctx.now())
            ctx.db.add(row)
        set_version(ctx, accepted or "")


def set_version(ctx: Context, version: str) -> None:
    """Let the accounts know of an accepted version as of their newest."""
    ctx.db.execute(update(Account).values(terms_version=version))


def accept(page: Answer) -> Answer:
    """Press the button."""
    return page.submit({}, button=ACCEPT)


def test_a_new_version_is_shown_right_after_the_factor_and_only_once(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    forget(ctx, person, accepted="2020-01")
    page = sign_in(visitor, person)
    assert (page.path, page.heading) == (PATH, CHANGED)
    assert "An account belongs to one person." in page.text
    assert accept(page).path == "/account"
    version = ctx.policies.accounts.terms_version
    assert changes_recorded(ctx, "terms.accepted") == [{"version": version, "language": "en"}]
    assert open_page(visitor, PATH).path == "/account"


def test_who_never_accepted_any_is_asked_in_other_words(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    forget(ctx, person)
    assert sign_in(visitor, person).heading == "Please accept the terms of use"


@pytest.mark.parametrize("path", ["/account", "/account/applications", "/account/profile"])
def test_no_page_of_the_account_opens_before_and_the_way_leads_back(
    path: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    forget(ctx, person)
    page = open_page(visitor, path)
    assert page.path == PATH
    assert accept(page).path == path


def test_who_does_not_accept_signs_out(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    person = add_person(ctx, clock)
    forget(ctx, person)
    page = sign_in(visitor, person)
    form = next(form for form in page.forms if form.action == "/sign-out")
    visitor.send("POST", f"{ISSUER}/sign-out", form.values())
    assert not is_signed_in(visitor)
    assert not changes_recorded(ctx, "terms.accepted")


def test_another_version_than_the_one_in_force_is_not_accepted(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    forget(ctx, person)
    form = next(form for form in sign_in(visitor, person).forms if form.action == PATH)
    for version in ("2020-01", "", "9999-12"):
        answer = visitor.send("POST", f"{ISSUER}{PATH}", form.values() | {"version": version})
        assert (answer.status, answer.path) == (200, PATH)
    assert not changes_recorded(ctx, "terms.accepted")


def test_an_application_gets_a_code_only_after_the_terms_are_accepted(
    app: Flask, ctx: Context
) -> None:
    application = story.register(ctx)
    account = story.person(ctx)
    browser = story.sign_in(ctx, app, account)
    with writing(ctx.db):
        ctx.db.execute(delete(TermsAcceptance))
        set_version(ctx, "")
    silent = browser.authorize(application, prompt="none")
    assert story.answer_of(silent)["error"] == "interaction_required"
    asked = browser.authorize(application)
    assert asked.status_code == 303
    assert asked.location.startswith(f"{PATH}?tx=")
    shown = browser.client.get(asked.location)
    assert "Please accept the terms of use" in shown.text
    form = next(
        form for form in (Form(one) for one in parse(shown.text).all("form")) if form.action == PATH
    )
    back = browser.client.post(PATH, data=form.values())
    assert back.location.startswith("/oidc/authorize/resume?tx=")
    assert "code" in story.answer_of(browser.client.get(back.location))


def test_the_page_speaks_spanish(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    visitor, person = open_visitor(), add_person(ctx, clock)
    forget(ctx, person, accepted="2020-01")
    sign_in(visitor, person)
    assert open_page(visitor, "/account?lang=es").heading == "Las condiciones de uso cambiaron"


def test_nobody_who_is_not_signed_in_sees_the_page(visitor: Visitor) -> None:
    assert open_page(visitor, PATH).path == "/sign-in"
