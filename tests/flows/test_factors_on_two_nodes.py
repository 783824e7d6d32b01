"""Second factors where several nodes and processes answer: what one took, none takes again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask

from idp.app import create_app
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import db
from idp.settings import Settings
from tests.flows.signing_in import Person, add_person, enter_password, open_page
from tests.flows.with_passkeys import add_passkey, ask, send, use
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.authenticator import totp as code_at
from tests.parts.browserless import Visitor
from tests.parts.fixtures import OpenBrowserless

pytestmark = on_both_databases
AtNode = Callable[[], Visitor]


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with a password, an app and recovery codes."""
    return add_person(ctx, clock)


@pytest.fixture
def other_node(app: Flask, settings: Settings, clock: FixedClock) -> Iterator[Flask]:
    """A second application on the same database, as another machine runs it."""
    node = create_app(settings, clock)
    yield node
    with node.app_context():
        db.engine.dispose()


@pytest.fixture
def here(app: Flask, browserless: OpenBrowserless) -> AtNode:
    """Open a browser that the first node answers."""
    return lambda: browserless({ISSUER: app})


@pytest.fixture
def there(other_node: Flask, browserless: OpenBrowserless) -> AtNode:
    """Open a browser that the other node answers."""
    return lambda: browserless({ISSUER: other_node})


def test_MF_01_a_code_that_one_node_took_no_other_takes(
    here: AtNode, there: AtNode, clock: FixedClock, person: Person
) -> None:
    code = {"code": code_at(person.app.secret, clock.now())}
    assert enter_password(here(), person).submit(code, button="Continue").path == "/account"
    assert enter_password(there(), person).submit(code, button="Continue").status == 422


def test_MF_01_of_two_nodes_with_one_code_at_once_one_signs_in(
    here: AtNode, there: AtNode, person: Person
) -> None:
    pages = [enter_password(opened(), person) for opened in (here, there)]
    code = {"code": person.app.code()}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit(code, button="Continue"), pages))
    assert sorted(answer.status for answer in answers) == [200, 422]


def test_MF_01_a_code_is_used_up_after_a_restart_too(
    here: AtNode,
    settings: Settings,
    clock: FixedClock,
    person: Person,
    browserless: OpenBrowserless,
) -> None:
    code = {"code": code_at(person.app.secret, clock.now())}
    enter_password(here(), person).submit(code, button="Continue")
    restarted = create_app(settings, clock)
    again = enter_password(browserless({ISSUER: restarted}), person)
    assert again.submit(code, button="Continue").status == 422
    with restarted.app_context():
        db.engine.dispose()


def test_MF_04_guesses_at_two_nodes_are_counted_together(
    here: AtNode, there: AtNode, person: Person
) -> None:
    for opened in (here, there):
        page = enter_password(opened(), person)
        for _ in range(5):
            page = page.submit({"code": "000000"}, button="Continue")
    assert page.heading == "Too many wrong codes"
    assert enter_password(here(), person).heading == "Too many wrong codes"


def test_an_answer_of_a_passkey_is_taken_by_one_node(
    here: AtNode, there: AtNode, ctx: Context, person: Person
) -> None:
    key = add_passkey(ctx, person)
    first, second = here(), there()
    page = open_page(first, "/sign-in")
    values, options = ask(page)
    second.client.cookies.update(first.client.cookies)
    same_page = open_page(second, f"/sign-in?tx={values['tx']}")
    answer = key.get(options)
    pages = [page, same_page]
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda one: send(one, values, answer, follow=False), pages))
    assert sorted(one.status == 303 for one in sent) == [False, True]


def test_a_copy_used_at_another_node_is_found(
    here: AtNode, there: AtNode, ctx: Context, person: Person
) -> None:
    key = add_passkey(ctx, person)
    copied = replace(key)
    for _ in range(2):
        assert use(open_page(here(), "/sign-in"), key).path == "/account"
    assert use(open_page(there(), "/sign-in"), copied).status == 422
    assert use(open_page(here(), "/sign-in"), key).status == 422
