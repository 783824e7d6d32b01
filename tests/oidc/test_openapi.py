"""The description of the JSON endpoints, and every endpoint against its description."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from idp.foundation.context import Context
from idp.oidc.openapi.document import openapi_path
from idp.oidc.openapi.operations import OPERATIONS
from idp.oidc.registration import service as registration
from idp.web.guards import declared_by
from tests.oidc import story
from tests.oidc.story import Browser

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
_EXAMPLES = 40


def routes(app: Flask) -> dict[tuple[str, str], Any]:
    """Return every view by method and address."""
    return {
        (method, openapi_path(str(rule))): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_endpoint_for_programs_is_described(app: Flask) -> None:
    views = routes(app)
    for_programs = {
        route
        for route, view in views.items()
        if (declared := declared_by(view)) and declared.who in {"client", "bearer", "operator"}
    }
    assert for_programs <= set(OPERATIONS), for_programs - set(OPERATIONS)


def test_nothing_is_described_that_is_not_there(app: Flask) -> None:
    assert set(OPERATIONS) <= set(routes(app)), set(OPERATIONS) - set(routes(app))


def test_the_page_and_the_document_say_the_same(client: FlaskClient) -> None:
    document = client.get("/docs/api/json").get_json()
    page = client.get("/docs/api")
    assert page.status_code == 200
    for path in document["paths"]:
        assert path in page.text
    assert document["openapi"] == "3.1.0"
    assert client.get("/docs/api/json").headers["Access-Control-Allow-Origin"] == "*"


def test_the_page_speaks_spanish_around_the_table(client: FlaskClient) -> None:
    assert "Puntos de acceso JSON" in client.get("/docs/api?lang=es").text


Proofs = dict[str, dict[str, str]]


@pytest.fixture
def proofs(ctx: Context, browser: Browser, portal: story.Application) -> Proofs:
    """What opens each kind of endpoint, besides nothing at all."""
    initial = registration.allow(ctx, label="test", uses=10_000, seconds=3600)
    registered = registration.register(ctx, initial, {"redirect_uris": [story.CALLBACK]})
    assert isinstance(registered, dict), registered
    tokens = {
        "access_token": browser.tokens(portal)["access_token"],
        "initial_access_token": initial,
        "registration_access_token": registered["registration_access_token"],
    }
    return {
        "client_secret_basic": portal.basic(),
        "": {},
        **{name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()},
        "ids": {"client_id": registered["client_id"]},
    }


@pytest.mark.parametrize("route", OPERATIONS, ids=" ".join)
def test_whatever_is_sent_the_answer_is_one_that_is_described(
    app: Flask, proofs: Proofs, route: tuple[str, str]
) -> None:
    """Schemathesis makes requests that fit the description and others that do not."""
    method, path = route
    described = schemathesis.openapi.from_wsgi("/docs/api/json", app)
    operation = described[path][method]
    headers = proofs[OPERATIONS[route].proof]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck),
        derandomize=True, database=None,
    )  # fmt: skip
    def answers_as_described(case: schemathesis.Case[Any]) -> None:
        for proof in ({}, headers):
            if proof and case.path_parameters:
                case.path_parameters = dict(proofs["ids"])
            case.validate_response(case.call(headers=proof), checks=_CHECKS)

    run: Callable[[], None] = answers_as_described
    run()
