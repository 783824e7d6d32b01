"""Static files as browsers get them."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.flows.signing_in import add_person, sign_in
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_style_sheet_comes_compressed_to_who_takes_it(client: FlaskClient) -> None:
    plain = client.get("/static/css/theme.css")
    packed = client.get("/static/css/theme.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    plain.close()


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/static/css/theme.css", headers={"Accept-Encoding": "gzip"})
    again = client.get(
        "/static/css/theme.css",
        headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["..%2fapp.py", "%2e%2e/app.py", "css/../../app.py", "css//x.css"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_IN_11_a_path_that_leads_out_of_the_folder_is_not_found(
    client: FlaskClient, path: str, encoding: str
) -> None:
    answer = client.get(f"/static/{path}", headers={"Accept-Encoding": encoding})
    assert answer.status_code in {308, 404}


def test_SE_11_the_page_of_a_missing_file_is_kept_by_nobody(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    missing = visitor.client.get(f"{ISSUER}/static/css/none.css?v=1")
    assert missing.status_code == 404
    assert "rosario" in missing.text
    assert missing.headers["Cache-Control"] == "no-store"
    assert "Cookie" in missing.headers["Vary"]
    found = visitor.client.get(f"{ISSUER}/static/css/theme.css?v=1")
    assert "immutable" in found.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["a" * 300 + ".css", "css/" + "b" * 5000 + ".css", "%00.css"])
def test_IN_11_a_name_that_no_file_can_have_is_not_found(client: FlaskClient, name: str) -> None:
    for encoding in ("gzip", "identity"):
        answer = client.get(f"/static/{name}", headers={"Accept-Encoding": encoding})
        assert answer.status_code == 404
