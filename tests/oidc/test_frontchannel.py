"""Front-channel logout: who is told in a frame, and that the page leads on."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from idp.foundation.context import Context
from idp.oidc.clients import service as clients
from idp.oidc.clients.registration import Registration
from tests.oidc import story
from tests.oidc.story import CALLBACK, SIGNED_OUT, Browser
from tests.parts.application import ISSUER

END = "/oidc/end-session"
FRAME = "http://localhost:9001/front?x=y"
OTHER_CALLBACK = "https://other.example/callback"
OTHER_FRAME = "https://other.example/front"


@pytest.fixture
def framed(ctx: Context) -> story.Application:
    """An application that is told in a frame."""
    return story.register(ctx, "framed", frontchannel_logout_uri=FRAME)


@pytest.fixture
def other(ctx: Context) -> story.Application:
    """Another such application, on an origin of its own."""
    return story.register(
        ctx, "other", redirect_uris=[OTHER_CALLBACK], frontchannel_logout_uri=OTHER_FRAME
    )


def frames(page: TestResponse) -> list[str]:
    return [unescape(src) for src in re.findall(r'<iframe src="([^"]+)"', page.text)]


def policy(page: TestResponse) -> dict[str, str]:
    parts = (one.partition(" ") for one in page.headers["Content-Security-Policy"].split("; "))
    return {name: sources for name, _, sources in parts}


def end(browser: Browser, hint: str, **more: str) -> TestResponse:
    return browser.client.get(END, query_string={"id_token_hint": hint, **more})


def enter(browser: Browser, application: story.Application) -> None:
    """Take part in the session; the other's answers go to an origin of its own."""
    answer = browser.authorize(application)
    assert "code=" in answer.headers["Location"]


def test_each_application_is_told_with_issuer_and_session(
    browser: Browser, framed: story.Application, other: story.Application
) -> None:
    enter(browser, other)
    hint = browser.tokens(framed)["id_token"]
    page = end(browser, hint, post_logout_redirect_uri=SIGNED_OUT, state="a&b")
    assert page.status_code == 200
    told = {address.partition("?")[0]: urlsplit(address) for address in frames(page)}
    assert set(told) == {FRAME.partition("?")[0], OTHER_FRAME}
    wanted = {"iss": [ISSUER], "sid": [browser.session.sid]}
    assert parse_qs(told[OTHER_FRAME].query) == wanted
    assert parse_qs(told[FRAME.partition("?")[0]].query) == wanted | {"x": ["y"]}


def test_the_page_may_frame_those_origins_and_nothing_else(
    browser: Browser, framed: story.Application, other: story.Application
) -> None:
    enter(browser, other)
    page = end(browser, browser.tokens(framed)["id_token"], post_logout_redirect_uri=SIGNED_OUT)
    found = policy(page)
    assert set(found["frame-src"].split()) == {"http://localhost:9001", "https://other.example"}
    assert (found["default-src"], found["frame-ancestors"]) == ("'none'", "'none'")
    assert found["form-action"] == "'self'"


def test_no_other_page_may_frame_anything(browser: Browser) -> None:
    assert "frame-src" not in policy(browser.client.get("/account"))


def test_the_way_goes_on_by_link_and_by_header(browser: Browser, framed: story.Application) -> None:
    hint = browser.tokens(framed)["id_token"]
    page = end(browser, hint, post_logout_redirect_uri=SIGNED_OUT, state='"><script>')
    onward = f"{SIGNED_OUT}?state=%22%3E%3Cscript%3E"
    assert page.headers["Refresh"] == f"4; url={onward}"
    assert f'href="{onward}"' in page.text
    assert "<script>" not in page.text.replace('<script type="module"', "")
    assert browser.client.get("/session/status").get_json()["active"] is False


def test_without_a_place_to_go_our_own_page_tells(
    browser: Browser, framed: story.Application
) -> None:
    page = end(browser, browser.tokens(framed)["id_token"])
    assert "You are signed out" in page.text
    assert len(frames(page)) == 1
    assert "Refresh" not in page.headers


def test_signing_out_at_the_provider_tells_too(browser: Browser, framed: story.Application) -> None:
    browser.tokens(framed)
    form = browser.client.get("/sign-out").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token
    page = browser.client.post("/sign-out", data={"csrf_token": token[1]})
    assert len(frames(page)) == 1
    assert page.headers["Refresh"] == "4; url=/sign-out/done"


def test_who_took_no_part_is_not_told(
    browser: Browser, portal: story.Application, framed: story.Application
) -> None:
    assert framed.client_id != portal.client_id
    hint = browser.tokens(portal)["id_token"]
    answer = end(browser, hint, post_logout_redirect_uri=SIGNED_OUT)
    assert answer.headers["Location"] == SIGNED_OUT


def test_a_disabled_application_is_not_told(
    ctx: Context, browser: Browser, portal: story.Application, framed: story.Application
) -> None:
    browser.tokens(framed)
    hint = browser.tokens(portal)["id_token"]
    clients.disable(ctx, "framed")
    ctx.clock.advance(2)  # type: ignore[attr-defined]  # what processes remember is over
    answer = end(browser, hint, post_logout_redirect_uri=SIGNED_OUT)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://elsewhere.example/front", "uri_other_origin"),
        ("http://localhost:9002/front", "uri_other_origin"),
        ("http://localhost:9001/front#x", "uri_fragment"),
        ("http://localhost:9001/../front", "uri_dot_segments"),
        ("javascript:alert(1)", "uri_not_absolute"),
    ],
)
def test_an_address_elsewhere_is_not_registered(ctx: Context, address: str, key: str) -> None:
    wanted = Registration(
        client_id="bad",
        client_name="Bad",
        redirect_uris=(CALLBACK,),
        frontchannel_logout_uri=address,
    )
    refused = clients.add(ctx, wanted)
    assert isinstance(refused, list)
    assert key in {one.key for one in refused}
