"""One application, one person and the browser in which the person is signed in."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts.service import Account
from tests.oidc import person, story
from tests.oidc.certification.running import running_suite
from tests.oidc.certification.suite import Suite
from tests.oidc.person import Person
from tests.oidc.story import Application, Browser
from tests.parts.browserless import Visitor
from tests.parts.fixtures import OpenBrowserless


@pytest.fixture(scope="session")
def running_conformance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The provider in the conformance environment: one for all modules of a test process."""
    with running_suite(tmp_path_factory.mktemp("conformance")) as suite:
        yield suite


@pytest.fixture
def suite(running_conformance: Suite) -> Suite:
    """The official suite at the running provider, with answers by query."""
    return replace(running_conformance, response_mode=None)


@pytest.fixture
def visitor(browserless: OpenBrowserless) -> Visitor:
    """A browser without JavaScript and without cookies."""
    return browserless()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without any cookie, or a program."""
    return app.test_client()


@pytest.fixture
def portal(ctx: Context) -> Application:
    """A confidential first-party application."""
    return story.register(ctx)


@pytest.fixture
def recipient(ctx: Context) -> Account:
    """A person who may enter applications."""
    return story.person(ctx)


@pytest.fixture
def browser(ctx: Context, app: Flask, recipient: Account) -> Browser:
    """The person's browser, signed in with two factors just now."""
    return story.sign_in(ctx, app, recipient)


@pytest.fixture
def rosa(ctx: Context, app: Flask, clock: FixedClock) -> Person:
    """A person at the pages themselves, who is not signed in yet."""
    return person.make(ctx, app, clock)


@pytest.fixture
def stranger(ctx: Context) -> Application:
    """An application of somebody else: people are asked what it may have."""
    return story.register(
        ctx,
        "stranger",
        client_name="A Stranger",
        first_party=False,
        reports_activity=False,
        scope=f"{story.EVERY_SCOPE} offline_access",
    )
