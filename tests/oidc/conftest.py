"""One application, one person and the browser in which the person is signed in."""


import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.foundation.context import Context
from idp.people.accounts.service import Account
from tests.oidc import story
from tests.oidc.story import Application, Browser


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
