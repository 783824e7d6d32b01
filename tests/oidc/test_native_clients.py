"""Programs on the person's own machine: any port, but of the loopback literal alone (RFC 8252)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.context import Context
from idp.oidc.authorization.destination import is_registered
from idp.oidc.clients import rules
from idp.oidc.clients.registration import Registration
from tests.oidc import story
from tests.oidc.story import Application, Browser, is_refusal_page, location_query

NATIVE: dict[str, Any] = {
    "application_type": "native",
    "token_endpoint_auth_method": "none",
    "reports_activity": False,
}
V4, V6 = "http://127.0.0.1/callback", "http://[::1]:9000/callback"


@pytest.fixture
def native(ctx: Context) -> Application:
    """A program without a secret that listens where its system lets it."""
    uris = [V4, V6, "http://localhost:9000/callback", "https://app.example/callback"]
    return story.register(ctx, "native", redirect_uris=uris, **NATIVE)


@pytest.mark.parametrize(
    "uri",
    [
        V4,
        V6,
        "http://127.0.0.1:49152/callback",
        "http://127.0.0.1:1/callback",
        "http://[::1]:65535/callback",
        "http://[::1]/callback",
    ],
)
def test_AZ_08_the_port_may_be_another_one(browser: Browser, native: Application, uri: str) -> None:
    answer = browser.authorize(native, redirect_uri=uri)
    assert answer.headers["Location"].startswith(f"{uri}?code=")
    code = location_query(answer)["code"][0]
    assert native.redeem(browser.client, code, redirect_uri=uri).status_code == 200


def test_TK_04_the_port_of_the_request_is_that_of_the_redemption(
    browser: Browser, native: Application
) -> None:
    answer = browser.authorize(native, redirect_uri="http://127.0.0.1:4000/callback")
    code = location_query(answer)["code"][0]
    refused = native.redeem(browser.client, code, redirect_uri="http://127.0.0.1:4001/callback")
    assert refused.get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:9001/callback",
        "https://app.example:8443/callback",
        "https://127.0.0.1:4000/callback",
        "http://127.0.0.1:4000/callback/",
        "http://127.0.0.1:4000/callback?x=1",
        "http://127.0.0.1:4000/callback#x",
        "http://127.0.0.1:4000/other",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:4000x/callback",
        "http://127.0.0.1:٤/callback",
        "http://127.0.0.1:4000@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.2:4000/callback",
        "http://[::1]evil:4000/callback",
        "http://[0:0:0:0:0:0:0:1]:4000/callback",
        "http://2130706433:4000/callback",
        "HTTP://127.0.0.1:4000/callback",
        "http://127.0.0.1:4000/callback\n",
    ],
)
def test_AZ_08_nothing_else_may_be_another_one(
    browser: Browser, native: Application, uri: str
) -> None:
    assert is_refusal_page(browser.authorize(native, redirect_uri=uri), "evil")


@pytest.mark.parametrize(
    "changes", [{"application_type": "web"}, {"token_endpoint_auth_method": "client_secret_basic"}]
)
def test_AZ_08_web_and_confidential_clients_keep_their_port(
    ctx: Context, browser: Browser, changes: dict[str, Any]
) -> None:
    web = story.register(ctx, "web", redirect_uris=[V4], **(NATIVE | changes))
    refused = browser.authorize(web, redirect_uri="http://127.0.0.1:4000/callback")
    assert is_refusal_page(refused)


@pytest.mark.parametrize(
    ("uri", "changes", "is_fine"),
    [
        (V4, {}, True),
        (V6, {}, True),
        ("http://localhost:9000/callback", {}, False),
        ("http://127.0.0.1.evil.example/", {}, False),
        ("http://10.0.0.1/", {}, False),
        (V4, {"application_type": "web"}, False),
        (V4, {"token_endpoint_auth_method": "client_secret_basic"}, False),
    ],
)
def test_in_production_http_is_for_loopback_literals_of_native_clients(
    uri: str, changes: dict[str, Any], *, is_fine: bool
) -> None:
    asked: dict[str, Any] = {"client_id": "x", "client_name": "X", "redirect_uris": [uri]}
    registration = Registration.model_validate(asked | NATIVE | changes)
    found = rules.problems(registration, rules.Places(allows_http=False))
    assert ([problem.key for problem in found] == []) is is_fine


_URIS = st.sampled_from([V4, V6, "https://app.example/cb", "http://localhost:1/cb"])


@given(registered=_URIS, sent=st.text(max_size=60) | _URIS, any_port=st.booleans())
def test_what_is_taken_is_registered_but_for_its_port(
    registered: str, sent: str, *, any_port: bool
) -> None:
    if is_registered(sent, {registered}, any_port=any_port) and sent != registered:
        assert any_port
        assert sent.startswith(("http://127.0.0.1", "http://[::1]"))


@given(
    registered=_URIS,
    position=st.integers(0, 40),
    letter=st.characters(blacklist_characters="0123456789:"),
)
def test_one_letter_more_is_another_address(registered: str, position: int, letter: str) -> None:
    changed = registered[:position] + letter + registered[position:]
    assert not is_registered(changed, {registered}, any_port=True)


@given(registered=_URIS, position=st.integers(0, 40))
def test_one_letter_less_is_another_address(registered: str, position: int) -> None:
    changed = registered[:position] + registered[position + 1 :]
    is_digit = registered[position : position + 1] in set("0123456789:")
    if changed != registered and not is_digit:
        assert not is_registered(changed, {registered}, any_port=True)


@given(port=st.integers(-5, 70000))
def test_every_port_that_exists_is_taken(port: int) -> None:
    sent = f"http://127.0.0.1:{port}/callback"
    assert is_registered(sent, {V4}, any_port=True) is (0 < port <= 65535)
