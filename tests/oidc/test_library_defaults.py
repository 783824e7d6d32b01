"""Defaults of the OAuth library that are wrong for a provider (protocol.md section 4).

One test for each line: first what a provider made of the library's defaults does (which would be a
failure here), then what ours does with the same request. When a new version of the library answers
otherwise, the first half fails, and the line can be looked at again.
"""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import authlib
import jwt
import pytest
from authlib.integrations.sqla_oauth2 import OAuth2AuthorizationCodeMixin, OAuth2TokenMixin
from flask.testing import FlaskClient

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.oidc.grants.model import GrantRow, TokenRow
from tests.oidc import story
from tests.oidc.library_provider import CALLBACK, SIGNED_OUT, LibraryProvider
from tests.oidc.story import Application, Browser, answer_of
from tests.parts.application import ISSUER
from tools.places import ROOT


@pytest.fixture
def library() -> LibraryProvider:
    """A provider with every default of the library."""
    return LibraryProvider()


def claims_in(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def went_to_client(location: str | None) -> bool:
    return (location or "").startswith(CALLBACK)


def test_the_version_is_the_one_that_was_looked_at() -> None:
    assert authlib.__version__ == "1.9.9"
    assert "authlib==1.9.9" in (ROOT / "setup.cfg").read_text()


def test_plain_challenges_and_none_at_all(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    verifier = "v" * 43
    theirs = library.redeem(library.code(code_challenge=verifier), code_verifier=verifier)
    assert theirs.status_code == 200  # `plain` is allowed and the default
    assert library.redeem(library.code()).status_code == 200  # "required" binds public clients only
    for changes in (
        {"code_challenge": verifier, "code_challenge_method": None},
        {"code_challenge": verifier, "code_challenge_method": "plain"},
        {"code_challenge": None, "code_challenge_method": None},
    ):
        ours = answer_of(browser.authorize(portal, **changes))
        assert ours["error"] == "invalid_request"


def test_tokens_are_signed_with_the_one_active_key_which_the_header_names(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    theirs = [library.redeem(library.code()).get_json()["id_token"] for _ in range(20)]
    assert len({jwt.get_unverified_header(token).get("kid") for token in theirs}) == 2
    signed = [browser.tokens(portal)["id_token"] for _ in range(5)]
    kids = {jwt.get_unverified_header(token)["kid"] for token in signed}
    published = browser.client.get("/oidc/jwks").get_json()["keys"]
    assert kids == {next(key["kid"] for key in published if key["alg"] == "RS256")}


def test_a_refreshed_id_token_says_when_and_how_the_person_signed_in(
    library: LibraryProvider, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    first = library.redeem(library.code()).get_json()
    again = claims_in(library.refresh(first["refresh_token"]).get_json()["id_token"])
    assert again["auth_time"] > claims_in(first["id_token"])["auth_time"]
    assert not {"acr", "amr", "sid"} & set(again)
    tokens = browser.tokens(portal)
    clock.advance(60)
    ours = claims_in(portal.refresh(browser.client, tokens["refresh_token"]).get_json()["id_token"])
    before = claims_in(tokens["id_token"])
    for name in ("auth_time", "acr", "amr", "sid"):
        assert ours[name] == before[name]


def test_a_code_is_consumed_before_anything_is_issued(
    ctx: Context, library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    library.redeem(library.code())
    assert library.steps == ["save token", "delete code"]
    code = browser.code(portal)
    refused = portal.redeem(browser.client, code, code_verifier="w" * 43)
    assert refused.status_code == 400
    grant = ctx.db.query(GrantRow).one()
    assert grant.redeemed_at is not None  # although nothing was issued
    assert ctx.db.query(TokenRow).count() == 0


def test_a_replayed_code_kills_what_it_gave(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    code = library.code()
    first = library.redeem(code).get_json()
    assert library.redeem(code).status_code == 400
    assert library.refresh(first["refresh_token"]).status_code == 200
    own = browser.code(portal)
    tokens = portal.redeem(browser.client, own).get_json()
    assert portal.redeem(browser.client, own).status_code == 400
    assert portal.refresh(browser.client, tokens["refresh_token"]).status_code == 400
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_access_tokens_do_not_live_ten_days(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    assert library.redeem(library.code()).get_json()["expires_in"] == 864_000
    assert browser.tokens(portal)["expires_in"] == 900


def test_a_reused_refresh_token_ends_its_family(
    library: LibraryProvider, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    first = library.redeem(library.code()).get_json()["refresh_token"]
    second = library.refresh(first).get_json()["refresh_token"]
    assert library.refresh(first).status_code == 400
    assert library.refresh(second).status_code == 200  # nobody noticed
    own = browser.tokens(portal)["refresh_token"]
    successor = portal.refresh(browser.client, own).get_json()["refresh_token"]
    clock.advance(10)
    assert portal.refresh(browser.client, own).status_code == 400
    assert portal.refresh(browser.client, successor).status_code == 400


def test_form_post_is_answered_by_a_form(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    assert "code=" in library.authorize(response_mode="form_post").headers["Location"]
    ours = browser.authorize(portal, response_mode="form_post")
    assert "Location" not in ours.headers
    assert 'method="post"' in ours.text


@pytest.mark.parametrize(
    "changes",
    [
        {"max_age": "0"},
        {"prompt": "create"},
        {"acr_values": "urn:ncid:acr:aal2-phr"},
        {"claims": "no json"},
    ],
)
def test_what_a_request_asks_for_is_not_passed_over(
    library: LibraryProvider,
    browser: Browser,
    portal: Application,
    clock: FixedClock,
    changes: dict[str, str],
) -> None:
    clock.advance(5)
    assert "code=" in library.authorize(**changes).headers["Location"]
    ours = browser.authorize(portal, **changes)
    assert "code=" not in ours.headers["Location"]


def test_a_missing_redirect_uri_is_not_guessed(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    assert went_to_client(library.authorize(redirect_uri=None).headers["Location"])
    assert story.is_refusal_page(browser.authorize(portal, redirect_uri=None))


@pytest.mark.parametrize("changes", [{"redirect_uri": 'https://x"y'}, {"response_type": "cöde"}])
def test_odd_letters_are_no_server_error(
    library: LibraryProvider, browser: Browser, portal: Application, changes: dict[str, str]
) -> None:
    assert library.authorize(**changes).status_code == 500
    assert browser.authorize(portal, **changes).status_code in {303, 400}


def test_errors_name_the_issuer_too(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    success = library.authorize()
    theirs = library.authorize(prompt="none login")
    assert "iss=" in success.headers["Location"]
    assert "iss=" not in theirs.headers["Location"]
    assert answer_of(browser.authorize(portal, prompt="none login"))["iss"] == ISSUER


def test_parameters_in_the_address_of_the_token_endpoint_are_refused(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    theirs = library.token(
        {"grant_type": "authorization_code", "code": library.code()}, in_address=True
    )
    assert theirs.status_code == 200
    form = {"code": browser.code(portal), "redirect_uri": portal.redirect_uri}
    form |= {"code_verifier": portal.verifier}
    ours = browser.client.post(
        "/oidc/token?grant_type=authorization_code", data=form, headers=portal.basic()
    )
    assert (ours.status_code, ours.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["nonce", "prompt", "max_age", "code_challenge"])
def test_every_parameter_comes_once(
    library: LibraryProvider, browser: Browser, portal: Application, name: str
) -> None:
    if name != "code_challenge":
        twice: Any = ["1", "1"] if name == "max_age" else ["login", "login"]
        assert "code=" in library.authorize(**{name: twice}).headers["Location"]
    sent = story.encoded(portal.request()) + f"&{name}=login&{name}=login"
    ours = answer_of(browser.client.get(f"/oidc/authorize?{sent}"))
    assert ours["error"] == "invalid_request"


@pytest.mark.filterwarnings("ignore:JWS algorithm")  # of the library, which accepts it all the same
def test_request_objects_are_never_passed_over_and_never_unsigned(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    unsigned = jwt.encode(
        {"client_id": "rp", "response_type": "code", "scope": "openid"}, "", "none"
    )
    assert "code=" in library.authorize(request=unsigned).headers["Location"]
    reading = LibraryProvider(reads_request_objects=True)
    accepted = reading.authorize(request=unsigned)
    assert "code=" in accepted.headers["Location"]
    own = jwt.encode(portal.request(), "", "none")
    ours = answer_of(browser.authorize(portal, request=own))
    assert ours["error"] in {"request_not_supported", "invalid_request_object"}


def test_a_sign_out_with_a_hint_ends_at_the_application(
    library: LibraryProvider, browser: Browser, portal: Application
) -> None:
    token = library.redeem(library.code()).get_json()["id_token"]
    asked = {"post_logout_redirect_uri": SIGNED_OUT, "state": "s"}
    theirs = library.logout(id_token_hint=token, **asked)
    assert "Location" not in theirs.headers  # its own list as `aud` loses the client
    own = browser.tokens(portal)["id_token"]
    sent = {"id_token_hint": own, "post_logout_redirect_uri": story.SIGNED_OUT, "state": "s"}
    ours = browser.client.get("/oidc/end-session", query_string=sent)
    assert ours.headers["Location"] == f"{story.SIGNED_OUT}?state=s"


def test_a_sign_out_without_a_hint_is_confirmed_however_it_is_sent(
    library: LibraryProvider, browser: Browser
) -> None:
    assert library.logout().text == "confirm"
    assert "end session" not in library.steps
    posted = library.app.test_client().post("/logout", base_url="https://library.example")
    assert (posted.status_code, library.steps) == (200, ["end session"])
    ours = browser.client.post("/oidc/end-session")
    assert (ours.status_code, "Location" in ours.headers) == (200, False)
    assert browser.client.get("/account").status_code == 200


def test_nothing_is_kept_in_clear_and_a_code_has_an_end_of_its_own() -> None:
    theirs = set(vars(OAuth2TokenMixin)) | set(vars(OAuth2AuthorizationCodeMixin))
    assert {"access_token", "refresh_token", "code"} <= theirs
    assert "expires_at" not in theirs  # a code's end is counted from the sign-in
    ours = {column.key for row in (GrantRow, TokenRow) for column in row.__table__.columns}
    assert not {"access_token", "refresh_token", "code"} & ours
    assert {"code_hash", "token_hash", "code_expires_at", "auth_time"} <= ours


def test_the_librarys_own_jose_is_deprecated_and_not_used() -> None:
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import authlib.jose"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "AuthlibDeprecationWarning" in told.stderr
    assert not [
        path
        for path in (ROOT / "idp").rglob("*.py")
        if any(name.startswith("authlib.jose") for name in _imports(path))
    ]


@pytest.mark.parametrize(
    "standard", ["rfc9126", "rfc9449", "rfc8707", "rfc9470", "backchannel", "frontchannel"]
)
def test_what_the_library_lacks_is_not_there_yet(standard: str) -> None:
    files = [str(path) for path in Path(authlib.__path__[0]).rglob("*.py")]
    assert any("rfc7636" in file for file in files)
    assert not [file for file in files if standard in file]


def test_what_the_library_lacks_is_offered_here(client: FlaskClient) -> None:
    document = client.get("/.well-known/openid-configuration").get_json()
    assert document["pushed_authorization_request_endpoint"]
    assert document["backchannel_logout_supported"]
    assert document["frontchannel_logout_supported"]
    assert "pairwise" in document["subject_types_supported"]


def test_no_error_repeats_what_was_sent(client: FlaskClient, portal: Application) -> None:
    sent = {"grant_type": "x-canary", "code": "y-canary", "client_id": "z-canary"}
    for form in (sent, sent | {"grant_type": "authorization_code"}):
        answer = client.post("/oidc/token", data=form)
        assert "canary" not in answer.text


def test_the_library_stays_behind_the_token_endpoint() -> None:
    importing = {
        path.relative_to(ROOT).parts[:3]
        for path in (ROOT / "idp").rglob("*.py")
        for name in _imports(path)
        if name.startswith("authlib")
    }
    assert importing == {("idp", "oidc", "token")}


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
    return found
