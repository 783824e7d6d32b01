"""The authorization endpoint (security.md, AZ)."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import secret_hash
from idp.oidc.clients import service as clients
from idp.people.accounts.service import Account
from idp.web.transactions import service as transactions
from tests.oidc import story
from tests.oidc.story import CALLBACK, Application, Browser, answer_of, is_refusal_page
from tests.parts.application import ISSUER


def test_a_signed_in_person_gets_a_code_without_any_page(
    browser: Browser, portal: Application
) -> None:
    answered = answer_of(browser.authorize(portal))
    assert set(answered) == {"code", "state", "iss"}
    assert answered["state"] == portal.request()["state"]
    assert answered["iss"] == ISSUER
    assert len(answered["code"]) == 43


def test_AZ_01_an_unknown_client_is_told_on_a_page(browser: Browser, portal: Application) -> None:
    answer = browser.authorize(portal, client_id="nobody", redirect_uri="https://evil.example/x")
    assert is_refusal_page(answer, "evil.example")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        f"{CALLBACK}x",
        f"{CALLBACK}/",
        f"{CALLBACK}?",
        f"{CALLBACK}#x",
        f"{CALLBACK}?a=b",
        CALLBACK.replace("/callback", "/x/../callback"),
        CALLBACK.replace("/callback", "/..;/callback"),
        CALLBACK.replace("/callback", "/%2e%2e%2fcallback"),
        CALLBACK.replace("/callback", "//callback"),
        CALLBACK.replace("/callback", "\\callback"),
        CALLBACK.replace("/callback", "/callb%61ck"),
        CALLBACK.replace("http:", "https:"),
        CALLBACK.replace("http:", "HTTP:"),
        CALLBACK.replace("9001", "9002"),
        CALLBACK.replace("localhost", "localhost.evil.example"),
        CALLBACK.replace("localhost", "localhost@evil.example"),
        "javascript:alert(1)",
        'http://localhost:9001/"',
        "\r\nLocation: https://evil.example",
    ],
)
def test_AZ_03_AZ_06_AZ_08_only_the_registered_redirect_uri_is_used(
    browser: Browser, portal: Application, redirect_uri: str
) -> None:
    assert is_refusal_page(browser.authorize(portal, redirect_uri=redirect_uri), "evil.example")


def test_AZ_11_redirect_uri_must_be_sent(browser: Browser, portal: Application) -> None:
    assert is_refusal_page(browser.authorize(portal, redirect_uri=None))


@pytest.mark.parametrize(
    "name",
    ["scope", "state", "nonce", "prompt", "max_age", "response_mode", "code_challenge", "unknown"],
)
def test_AZ_12_a_parameter_sent_twice_is_refused(
    browser: Browser, portal: Application, name: str
) -> None:
    twice = story.encoded(portal.request()) + f"&{name}=1&{name}=2"
    answered = answer_of(browser.client.get(f"/oidc/authorize?{twice}"))
    assert answered["error"] == "invalid_request"
    assert ("state" in answered) == (name != "state")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_AZ_12_a_twin_of_client_or_redirect_uri_is_told_on_a_page(
    browser: Browser, portal: Application, name: str
) -> None:
    request = portal.request()
    twice = f"{story.encoded(request)}&{story.encoded({name: request[name]})}"
    assert is_refusal_page(browser.client.get(f"/oidc/authorize?{twice}"))


def test_AZ_12_a_twin_in_address_and_body_is_refused(browser: Browser, portal: Application) -> None:
    answer = browser.client.post("/oidc/authorize?nonce=other", data=portal.request())
    assert answer_of(answer)["error"] == "invalid_request"


def test_AZ_13_a_challenge_is_required(browser: Browser, portal: Application) -> None:
    without = browser.authorize(portal, code_challenge=None, code_challenge_method=None)
    assert answer_of(without)["error"] == "invalid_request"


def test_AZ_13_a_client_entered_without_pkce_must_send_a_nonce(
    ctx: Context, browser: Browser
) -> None:
    old = story.register(ctx, "old", require_pkce=False)
    plain = {"code_challenge": None, "code_challenge_method": None}
    assert "code" in answer_of(browser.authorize(old, **plain))
    refused = answer_of(browser.authorize(old, **plain, nonce=None))
    assert refused["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S512"},
        {"code_challenge": None},
        {"code_challenge": "a" * 42},
        {"code_challenge": "a" * 129},
        {"code_challenge": "a" * 42 + "="},
        {"code_challenge": "a" * 42 + "+"},
    ],
)
def test_AZ_14_only_a_whole_s256_challenge_will_do(
    browser: Browser, portal: Application, changes: dict[str, str | None]
) -> None:
    assert answer_of(browser.authorize(portal, **changes))["error"] == "invalid_request"


@pytest.mark.parametrize("wanted", ["token", "id_token", "code token", "code code", "cöde", "none"])
def test_AZ_15_only_the_code_flow_is_offered(
    browser: Browser, portal: Application, wanted: str
) -> None:
    answered = answer_of(browser.authorize(portal, response_type=wanted))
    assert answered["error"] == "unsupported_response_type"


@pytest.mark.parametrize("wanted", [None, ""])
def test_AZ_15_response_type_must_be_sent(
    browser: Browser, portal: Application, wanted: str | None
) -> None:
    answered = answer_of(browser.authorize(portal, response_type=wanted))
    assert answered["error"] == "invalid_request"


@pytest.mark.parametrize("mode", ["fragment", "web_message", "jwt", "QUERY"])
def test_AZ_16_other_response_modes_are_refused(
    browser: Browser, portal: Application, mode: str
) -> None:
    answered = answer_of(browser.authorize(portal, response_mode=mode))
    assert answered["error"] == "invalid_request"


def test_AZ_16_form_post_escapes_what_came_with_the_request(
    browser: Browser, portal: Application
) -> None:
    state = '"><script>alert(1)</script>'
    page = browser.authorize(portal, response_mode="form_post", state=state)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert f'action="{CALLBACK}"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert re.findall(r'name="([a-z]+)"', page.text)[-3:] == ["code", "state", "iss"]


def test_AZ_18_errors_name_the_issuer_as_well(browser: Browser, portal: Application) -> None:
    answered = answer_of(browser.authorize(portal, scope="profile"))
    assert answered == {
        "error": "invalid_scope",
        "error_description": "scope must contain openid.",
        "state": portal.request()["state"],
        "iss": ISSUER,
    }


def test_AZ_19_the_error_page_cannot_be_framed(client: FlaskClient) -> None:
    page = client.get("/oidc/authorize?client_id=nobody")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_AZ_20_without_a_session_prompt_none_shows_no_page(
    client: FlaskClient, portal: Application
) -> None:
    answer = client.get("/oidc/authorize", query_string=portal.request(prompt="none"))
    assert answer_of(answer)["error"] == "login_required"
    assert "Set-Cookie" not in answer.headers


def test_AZ_20_an_idle_session_is_none(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    clock.advance(899)
    assert "code" in answer_of(browser.authorize(portal, prompt="none"))
    clock.advance(1)
    assert answer_of(browser.authorize(portal, prompt="none"))["error"] == "login_required"


def test_AZ_20_too_weak_a_sign_in_needs_interaction(
    ctx: Context, app: Flask, recipient: Account
) -> None:
    strong = story.register(ctx, "strong", default_acr_values=["urn:ncid:acr:aal2"])
    weak = story.sign_in(ctx, app, recipient, amr=["pwd"])
    answered = answer_of(weak.authorize(strong, prompt="none"))
    assert answered["error"] == "interaction_required"


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"prompt": "create"}, {"max_age": "0"}])
def test_AZ_22_a_session_that_lives_is_not_enough(
    browser: Browser, portal: Application, clock: FixedClock, changes: dict[str, str]
) -> None:
    clock.advance(1)
    answer = browser.authorize(portal, **changes)
    page = "/register" if changes.get("prompt") == "create" else "/sign-in"
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{page}?tx=")


def test_AZ_22_max_age_counts_from_the_sign_in(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    clock.advance(10)
    assert "code" in answer_of(browser.authorize(portal, max_age="10"))
    assert browser.authorize(portal, max_age="9").headers["Location"].startswith("/sign-in?tx=")
    answered = answer_of(browser.authorize(portal, max_age="9", prompt="none"))
    assert answered["error"] == "login_required"


@pytest.mark.parametrize(
    "prompt", ["none login", "login none", "none create", "none consent", "consent x"]
)
def test_AZ_22_senseless_prompts_are_refused(
    browser: Browser, portal: Application, prompt: str
) -> None:
    assert answer_of(browser.authorize(portal, prompt=prompt))["error"] == "invalid_request"


@pytest.mark.parametrize("age", ["-1", "1.5", "soon", "1e3", "9" * 30, "٣"])
def test_AZ_22_max_age_must_be_seconds(browser: Browser, portal: Application, age: str) -> None:
    assert answer_of(browser.authorize(portal, max_age=age))["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request": "x", "request_uri": "https://x.example"}, "invalid_request_object"),
        ({"request_uri": "http://127.0.0.1:1/x"}, "request_uri_not_supported"),
        ({"request_uri": "file:///etc/passwd"}, "request_uri_not_supported"),
    ],
)
def test_AZ_24_AZ_25_request_objects_are_refused(
    browser: Browser, portal: Application, changes: dict[str, str], error: str
) -> None:
    assert answer_of(browser.authorize(portal, **changes))["error"] == error


def test_AZ_30_no_other_origin_may_read_it(browser: Browser, portal: Application) -> None:
    answer = browser.client.get(
        "/oidc/authorize",
        query_string=portal.request(),
        headers={"Origin": "https://evil.example"},
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_unknown_parameters_are_ignored(browser: Browser, portal: Application) -> None:
    assert "code" in answer_of(browser.authorize(portal, foo="bar", ui_locales="fr xx"))


def test_scopes_that_are_unknown_or_not_registered_are_left_out(
    ctx: Context, browser: Browser
) -> None:
    narrow = story.register(ctx, "narrow", scope="openid email")
    tokens = browser.tokens(narrow, scope="openid email profile access nonsense")
    assert tokens["scope"] == "openid email"


@pytest.mark.parametrize(
    "state", ["", "plain", "ü€𝄞", "a+b%20c&d=e;f", "\r\nX: y", "\x00", "a" * 2048]
)
def test_state_comes_back_as_it_was_sent(browser: Browser, portal: Application, state: str) -> None:
    answered = answer_of(browser.authorize(portal, state=state))
    assert answered.get("state", "") == state


def test_a_person_who_is_not_signed_in_goes_to_sign_in_and_the_request_waits(
    client: FlaskClient, portal: Application
) -> None:
    answer = client.get(
        "/oidc/authorize", query_string=portal.request(ui_locales="xx es-MX", login_hint="rosa")
    )
    assert answer.headers["Location"].startswith("/sign-in?tx=")
    handle = answer.headers["Location"].partition("tx=")[2]
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    assert "A Portal" in page.text
    assert 'lang="es"' in page.text
    # Opening the last step by hand leads back to the first one.
    skipped = client.get(f"/oidc/authorize/resume?tx={handle}")
    assert skipped.headers["Location"].startswith("/sign-in?tx=")


def test_another_browser_cannot_resume_a_request(
    app: Flask, client: FlaskClient, portal: Application
) -> None:
    answer = client.get("/oidc/authorize", query_string=portal.request())
    handle = answer.headers["Location"].partition("tx=")[2]
    stranger = app.test_client()
    for tx in (handle, "", "x" * 43):
        assert stranger.get(f"/oidc/authorize/resume?tx={tx}").status_code == 410


def test_a_second_tab_resumes_with_the_session_of_the_first(
    ctx: Context, app: Flask, recipient: Account, portal: Application
) -> None:
    visitor = app.test_client()
    waiting = visitor.get("/oidc/authorize", query_string=portal.request())
    handle = waiting.headers["Location"].partition("tx=")[2]
    _becomes_signed_in(ctx, app, visitor, recipient)
    answered = answer_of(visitor.get(f"/oidc/authorize/resume?tx={handle}"))
    assert "code" in answered
    assert visitor.get(f"/oidc/authorize/resume?tx={handle}").status_code == 410


def test_a_second_tab_asks_for_more_where_the_first_signed_in_too_weakly(
    ctx: Context, app: Flask, recipient: Account
) -> None:
    strong = story.register(ctx, "strong", default_acr_values=["urn:ncid:acr:aal2"])
    visitor = app.test_client()
    waiting = visitor.get("/oidc/authorize", query_string=strong.request())
    handle = waiting.headers["Location"].partition("tx=")[2]
    _becomes_signed_in(ctx, app, visitor, recipient, amr=["pwd"])
    resumed = visitor.get(f"/oidc/authorize/resume?tx={handle}")
    assert resumed.headers["Location"].startswith("/sign-in?tx=")


def test_a_client_disabled_meanwhile_gets_no_code(
    ctx: Context, app: Flask, recipient: Account, portal: Application, clock: FixedClock
) -> None:
    visitor = app.test_client()
    waiting = visitor.get("/oidc/authorize", query_string=portal.request())
    handle = waiting.headers["Location"].partition("tx=")[2]
    _becomes_signed_in(ctx, app, visitor, recipient)
    clients.disable(ctx, portal.client_id)
    clock.advance(1)
    assert is_refusal_page(visitor.get(f"/oidc/authorize/resume?tx={handle}"))


def test_a_post_from_another_site_keeps_the_session(
    app: Flask, browser: Browser, portal: Application
) -> None:
    # A browser sends no SameSite=Lax cookie with it, and a new one would replace the session's.
    stranger = app.test_client()
    answer = stranger.post("/oidc/authorize", data=portal.request())
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    assert "code" in answer_of(browser.client.get(answer.headers["Location"]))


def test_a_post_too_long_for_an_address_is_taken_as_it_is(
    client: FlaskClient, portal: Application
) -> None:
    answer = client.post("/oidc/authorize", data=portal.request(unknown="x" * 4000))
    assert answer.headers["Location"].startswith("/sign-in?tx=")


def test_a_post_of_this_browser_is_taken_as_it_is(browser: Browser, portal: Application) -> None:
    assert "code" in answer_of(browser.client.post("/oidc/authorize", data=portal.request()))


@pytest.mark.parametrize(
    "raw", ["scope=%ff", "scope=%", "scope=%zz", "a=1&" * 65, "x=" + "a" * 16384, "%00=%00"]
)
def test_unreadable_requests_are_400(client: FlaskClient, raw: str) -> None:
    assert is_refusal_page(client.get(f"/oidc/authorize?{raw}"))
    assert client.post("/oidc/authorize", data=raw).status_code in {303, 400}


_NAMES = st.sampled_from(
    [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "acr_values",
        "code_challenge",
        "code_challenge_method",
        "ui_locales",
        "login_hint",
        "id_token_hint",
        "request",
        "display",
        "claims",
        "registration",
        "x",
    ]
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=st.dictionaries(_NAMES, st.text(max_size=40), max_size=6))
def test_whatever_is_sent_the_answer_is_a_page_a_redirect_or_sign_in(
    browser: Browser, portal: Application, changes: dict[str, str]
) -> None:
    sent = portal.request() | changes
    answer = browser.client.get("/oidc/authorize", query_string=_surrogate_free(sent))
    assert answer.status_code in {200, 303, 400}


def _surrogate_free(sent: dict[str, str]) -> dict[str, str]:
    return {name: text.encode("utf-8", "replace").decode() for name, text in sent.items()}


def _becomes_signed_in(
    ctx: Context, app: Flask, visitor: FlaskClient, account: Account, **facts: object
) -> None:
    """Give the visitor's browser a session and move its waiting request along, as sign-in does."""
    old = visitor.get_cookie("idp", domain="localhost")
    signed_in = story.sign_in(ctx, app, account, **facts)
    new = signed_in.client.get_cookie("idp", domain="localhost")
    assert old is not None
    assert new is not None
    with writing(ctx.db):
        transactions.rebind(ctx, secret_hash(old.value), secret_hash(new.value))
    visitor.set_cookie("idp", new.value, domain="localhost")
