"""What a person allowed applications of others: listed, and taken back."""

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.consents import rules
from idp.people.consents import service as consents
from idp.people.consents.words import VERSION
from tests.flows.signing_in import Person, add_person, open_page, sign_in
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor

PAGE = "/account/applications"


def allowed(ctx: Context, person: Person, client_id: str = "shop", name: str = "A Shop") -> str:
    with writing(ctx.db):
        given = consents.give(
            ctx,
            person.id,
            client_id,
            client_names={"en": name, "es": f"{name} (es)"},
            scopes=["openid", "email"],
        )
        return given.id


def test_without_any_the_page_says_so(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    account = sign_in(visitor, add_person(ctx, clock))
    page = account.click("Connected applications")
    assert page.heading == "Connected applications"
    assert "No application needs a permission of yours" in page.text


def test_a_permission_is_read_and_taken_back(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    allowed(ctx, person)
    allowed(ctx, person, "club", "A <b>Club</b>")
    page = open_page(visitor, PAGE)
    assert "A Shop" in page.text
    assert "A <b>Club</b>" in page.text
    assert "see your email address" in page.text
    gone = page.submit(button="Withdraw the permission for A Shop")
    assert gone.path == PAGE
    assert "The permission is withdrawn" in gone.text
    assert "A Shop" not in gone.text
    assert "A <b>Club</b>" in gone.text
    assert consents.in_force(ctx, person.id, "shop") is None


def test_the_page_speaks_spanish(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    allowed(ctx, person)
    page = open_page(visitor, f"{PAGE}?lang=es")
    assert page.heading == "Aplicaciones conectadas"
    assert "A Shop (es)" in page.text
    assert "ver su correo electrónico" in page.text


def test_AD_02_the_permission_of_somebody_else_is_not_found(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    owner, other = add_person(ctx, clock), add_person(ctx, clock, "other")
    own, foreign = allowed(ctx, other, "club", "A Club"), allowed(ctx, owner)
    sign_in(visitor, other)
    form = open_page(visitor, PAGE).form("Withdraw the permission for A Club")
    assert own in form.action
    target = ISSUER + form.action.replace(own, foreign)
    answer = visitor.send("POST", target, form.values())
    assert "withdrawn" not in answer.query
    ctx.db.rollback()
    assert consents.in_force(ctx, owner.id, "shop") is not None


def test_SE_08_another_site_takes_nothing_back(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    answer = visitor.send("POST", f"{ISSUER}{PAGE}/{allowed(ctx, person)}/withdraw", {})
    assert answer.status == 403


def test_nobody_sees_the_page_without_signing_in(visitor: Visitor) -> None:
    assert open_page(visitor, PAGE).path == "/sign-in"


@pytest.mark.parametrize(
    ("scopes", "version", "wanted", "is_enough"),
    [
        (["openid", "email"], VERSION, ["openid"], True),
        (["openid", "email"], VERSION, ["openid", "email"], True),
        (["openid"], VERSION, ["openid", "email"], False),
        (["openid", "email"], "old", ["openid"], False),
        ([], VERSION, [], True),
    ],
)
def test_a_consent_covers_what_it_names_in_todays_words(
    scopes: list[str], version: str, wanted: list[str], *, is_enough: bool
) -> None:
    assert rules.covers(scopes, version, wanted) is is_enough


def test_more_is_added_and_old_words_are_forgotten() -> None:
    assert rules.together(["email"], VERSION, ["openid"]) == ["openid", "email"]
    assert rules.together(["email"], "old", ["openid"]) == ["openid"]
