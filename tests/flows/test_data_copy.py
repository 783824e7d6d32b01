"""A copy of everything that is kept about oneself."""

import json
from typing import Any

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.email_changes import service as email_changes
from tests.flows.conftest import OpenVisitor
from tests.flows.losing import add_place, change, give_role
from tests.flows.signing_in import Person, add_person, cookie, open_page, sign_in
from tests.flows.test_profile import CANARY, changes_recorded, put
from tests.parts.browserless import Answer, Visitor

PATH = "/account/data"


def download(visitor: Visitor) -> Answer:
    """Press the button."""
    return open_page(visitor, PATH).submit({}, button="Download as a file (JSON)")


def taken(visitor: Visitor) -> dict[str, Any]:
    """Return what the file holds."""
    found: dict[str, Any] = json.loads(download(visitor).response.content)
    return found


def test_the_file_holds_everything_and_taking_it_is_recorded(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    answer = download(visitor)
    assert answer.response.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.response.headers["content-disposition"].startswith("attachment;")
    data = json.loads(answer.response.content)
    assert data["profile"]["username"] == person.username
    assert data["profile"]["email"] == person.email
    assert data["sign_in"]["authenticators"][0]["name"] == "Phone"
    assert data["sign_in"]["recovery_codes_left"] == 10
    assert len(data["sessions"]) == 1
    assert {"sign_in.succeeded", "profile.data_copied"} <= {one["event"] for one in data["history"]}
    assert changes_recorded(ctx, "profile.data_copied") == [{"form": "file"}]


def test_the_file_holds_no_secret(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    text = download(visitor).response.text
    for secret in (person.password, person.app.secret, *person.codes, cookie(visitor), "$argon2"):
        assert secret not in text
    for name in ("hash", "sealed", "mac", "secret"):
        assert name not in text


def test_what_is_open_and_on_hold_is_in_it_and_the_page_says_it_in_words(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    give_role(ctx, person, add_place(ctx), "operations")
    change(ctx, person, frozen_at=clock.now())
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        email_changes.ask(ctx, account, "primary", "other@example.org")
    data = taken(visitor)
    assert data["profile"]["frozen_at"]
    assert data["email_changes"][0]["to"] == "other@example.org"
    assert [one["role"] for one in data["access"]] == ["operations"]
    page = open_page(visitor, PATH).submit({}, button="Show as a page to print")
    for words in (
        "Individual",
        "In use",
        "other@example.org",
        "Not confirmed yet",
        "Enter the operations portal",
    ):
        assert words in page.text
    assert "What you may do for organizations is on hold" in page.text
    headings = {one.text for one in page.document.all("h2")}
    assert {"Replacing your second factor", "Applications that you allowed something"} <= headings


def test_a_long_history_is_whole_and_in_order(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    for _ in range(3):
        clock.advance(1)
        taken(visitor)
    moments = [one["at"] for one in taken(visitor)["history"]]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) > 6


def test_IN_01_what_was_typed_is_text_in_the_file_and_on_the_page(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    names = ("first_name", "last_name", "business_name", "business_role", "suffix")
    put(ctx, person, **dict.fromkeys(names, CANARY), address={"formatted": CANARY})
    sign_in(visitor, person)
    assert taken(visitor)["profile"]["first_name"] == CANARY
    page = open_page(visitor, PATH).submit({}, button="Show as a page to print")
    assert page.heading == "What we keep about you"
    assert "<script>alert" not in page.response.text
    assert CANARY in page.text
    assert changes_recorded(ctx, "profile.data_copied")[-1] == {"form": "page"}


def test_AD_02_nobody_elses_data_are_in_it(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    other: Person = add_person(ctx, clock, "somebody.else")
    sign_in(open_visitor(), other)
    sign_in(visitor, add_person(ctx, clock))
    assert "somebody.else" not in download(visitor).response.text


def test_MF_10_it_needs_a_factor_shown_lately(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    page = open_page(visitor, PATH)
    for _ in range(2):
        clock.advance(12 * 60)
        open_page(visitor, "/account")
    assert page.submit({}, button="Download as a file (JSON)").path == "/sign-in"
    assert open_page(visitor, f"{PATH}/page").path == "/sign-in"
    assert not changes_recorded(ctx, "profile.data_copied")
