"""Static files as browsers get them."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient


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
