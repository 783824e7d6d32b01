"""Discovery is true: each value it lists is used here and works, and nothing works beside it.

A member that has no walk below fails the first test, so that none is added on paper only.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.flows.mfa.rules import WITH_CODE, with_passkey
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.clients import service as clients
from idp.oidc.clients.registration import Registration
from idp.people.accounts import conformance
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.organizations import service as organizations
from idp.people.rights.service import grant_role
from idp.people.sessions.rules import acr_of, acr_satisfies
from idp.web.guards import declared_by
from tests.oidc import story
from tests.oidc.certification.configuration import REGISTERED
from tests.oidc.certification.walked import PASSED_OVER
from tests.oidc.story import CALLBACK, Application, Browser, SigningKey, answer_of
from tests.oidc.test_authorization_details import detail
from tests.parts.application import ISSUER

WELL_KNOWN = "/.well-known/openid-configuration"
# Steps of a person on the provider's own pages, reached from the endpoints that are listed.
STEPS = {
    "/oidc/authorize/resume", "/oidc/consent", "/oidc/select-account", "/oidc/end-session/confirm",
    "/oidc/device", "/oidc/device/decide", "/oidc/register/<client_id>",
}  # fmt: skip


@dataclass
class Walk:
    """What a walk needs: somebody who is signed in, and the document."""

    ctx: Context
    app: Flask
    browser: Browser
    document: dict[str, Any]

    @property
    def client(self) -> FlaskClient:
        return self.browser.client

    def register(self, client_id: str, **changes: Any) -> Application:
        return story.register(self.ctx, client_id, **changes)


Step = Callable[[Walk], None]
Form = dict[str, str | None]
WALKS: dict[str, Step] = {}


def walks(*members: str) -> Callable[[Step], Step]:
    """Keep a walk for members of the document."""

    def keep(step: Step) -> Step:
        WALKS.update(dict.fromkeys(members, step))
        return step

    return keep


@pytest.fixture
def walk(ctx: Context, app: Flask, browser: Browser, client: FlaskClient) -> Walk:
    return Walk(ctx, app, browser, client.get(WELL_KNOWN).get_json())


def test_each_member_has_a_walk(walk: Walk) -> None:
    assert set(walk.document) == set(WALKS)
    assert set(walk.document) - REGISTERED == PASSED_OVER


def test_each_endpoint_of_the_protocol_is_listed(app: Flask, walk: Walk) -> None:
    listed = {str(value).removeprefix(ISSUER) for value in walk.document.values()}
    rules = {str(rule) for rule in app.url_map.iter_rules() if str(rule).startswith("/oidc/")}
    assert rules - listed == STEPS


@pytest.mark.parametrize("name", WALKS)
def test_what_is_listed_works(walk: Walk, name: str) -> None:
    WALKS[name](walk)


@walks("issuer")
def _issuer(walk: Walk) -> None:
    application = walk.register("one")
    answered = answer_of(walk.browser.authorize(application))
    assert answered["iss"] == walk.document["issuer"] == ISSUER


@walks(
    "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
    "end_session_endpoint", "introspection_endpoint", "revocation_endpoint",
    "pushed_authorization_request_endpoint", "device_authorization_endpoint",
    "registration_endpoint", "activity_endpoint",
)  # fmt: skip
def _endpoints(walk: Walk) -> None:
    """Each is a route that says who may call it; what it does, its own walk and tests show."""
    routes = {str(rule): rule.endpoint for rule in walk.app.url_map.iter_rules()}
    for name, address in walk.document.items():
        if name.endswith(("_endpoint", "_uri")):
            path = address.removeprefix(ISSUER)
            assert declared_by(walk.app.view_functions[routes[path]])


@walks("scopes_supported")
def _scopes(walk: Walk) -> None:
    listed = walk.document["scopes_supported"]
    machine = [scope for scope in listed if ":" in scope]
    personal = " ".join(scope for scope in listed if scope not in machine)
    tokens = walk.browser.tokens(walk.register("one", scope=personal), scope=personal)
    assert set(tokens["scope"].split()) == set(personal.split())
    program = walk.register(
        "two", scope=" ".join(machine), grant_types=["client_credentials"], redirect_uris=[],
        post_logout_redirect_uris=[], reports_activity=False,
    )  # fmt: skip
    form: Form = {"grant_type": "client_credentials", "scope": " ".join(machine)}
    answer = program.post(walk.client, "/oidc/token", form)
    assert set(answer.get_json()["scope"].split()) == set(machine)
    assert isinstance(_added(walk, "three", scope="openid phones"), list)


def _added(walk: Walk, client_id: str, **changes: Any) -> object:
    usual: dict[str, Any] = {"client_name": "X", "redirect_uris": [CALLBACK]}
    wanted = {"client_id": client_id, **usual, **changes}
    return clients.add(walk.ctx, Registration.model_validate(wanted))


@walks("response_types_supported")
def _response_types(walk: Walk) -> None:
    application = walk.register("one")
    for kind in walk.document["response_types_supported"]:
        assert "code" in answer_of(walk.browser.authorize(application, response_type=kind))
    for kind in ("token", "id_token", "code id_token", "none"):
        answered = answer_of(walk.browser.authorize(application, response_type=kind))
        assert answered["error"] == "unsupported_response_type"


@walks("response_modes_supported")
def _response_modes(walk: Walk) -> None:
    application = walk.register("one")
    for mode in walk.document["response_modes_supported"]:
        answer = walk.browser.authorize(application, response_mode=mode)
        assert answer.status_code == (200 if mode == "form_post" else 303)
    for mode in ("fragment", "web_message", "jwt"):
        answered = answer_of(walk.browser.authorize(application, response_mode=mode))
        assert answered["error"] == "invalid_request"


@walks("grant_types_supported")
def _grant_types(walk: Walk) -> None:
    listed = walk.document["grant_types_supported"]
    everything = walk.register("one", grant_types=listed)
    for kind in [
        *listed,
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ]:
        form: Form = {"grant_type": kind, "code": "x", "refresh_token": "x", "device_code": "x"}
        answer = everything.post(walk.client, "/oidc/token", form)
        is_unknown = answer.get_json().get("error") == "unsupported_grant_type"
        assert is_unknown == (kind not in listed), (kind, answer.text)


@walks("subject_types_supported")
def _subject_types(walk: Walk) -> None:
    names = set()
    for kind in walk.document["subject_types_supported"]:
        application = walk.register(kind, subject_type=kind)
        names.add(_id_token(walk, application)["sub"])
    assert len(names) == len(walk.document["subject_types_supported"])


def _id_token(walk: Walk, application: Application, alg: str = "RS256") -> dict[str, Any]:
    token = walk.browser.tokens(application)["id_token"]
    return story.claims_of(walk.client, token, application.client_id, [alg])


@walks("id_token_signing_alg_values_supported")
def _id_token_algorithms(walk: Walk) -> None:
    for alg in walk.document["id_token_signing_alg_values_supported"]:
        application = walk.register(f"signs-{alg}", id_token_signed_response_alg=alg)
        assert _id_token(walk, application, alg)["sub"]
    for alg in ("none", "HS256", "PS256"):
        _refused(walk, id_token_signed_response_alg=alg)


def _refused(walk: Walk, **changes: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        _added(walk, "refused", **changes)


@walks("userinfo_signing_alg_values_supported")
def _userinfo_algorithms(walk: Walk) -> None:
    for alg in walk.document["userinfo_signing_alg_values_supported"]:
        application = walk.register(f"signs-{alg}", userinfo_signed_response_alg=alg)
        said = walk.browser.userinfo(walk.browser.tokens(application)["access_token"])
        assert said.mimetype == "application/jwt"
        claims = story.claims_of(walk.client, said.text, application.client_id, [alg])
        assert claims["sub"]
    _refused(walk, userinfo_signed_response_alg="HS256")


@walks(
    "token_endpoint_auth_methods_supported", "introspection_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_methods_supported",
)  # fmt: skip
def _authentication_methods(walk: Walk) -> None:
    places = {"token": "/oidc/token", "introspection": "/oidc/introspect"}
    for name, path in (places | {"revocation": "/oidc/revoke"}).items():
        for method in walk.document[f"{name}_endpoint_auth_methods_supported"]:
            application = _proving(walk, f"{name}-{method}", method)
            tokens = walk.browser.tokens(application)
            form: Form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
            sent: Form = form if name == "token" else {"token": tokens["access_token"]}
            assert application.post(walk.client, path, sent).status_code == 200
    _refused(walk, token_endpoint_auth_method="client_secret_jwt")
    assert "none" not in walk.document["introspection_endpoint_auth_methods_supported"]


def _proving(walk: Walk, client_id: str, method: str, alg: str = "ES256") -> Application:
    """Register an application that proves itself by a method."""
    changes: dict[str, Any] = {"token_endpoint_auth_method": method}
    key = SigningKey.make(alg) if method == "private_key_jwt" else None
    if key:
        changes["jwks"] = key.jwks
    if method == "none":
        changes["reports_activity"] = False
    application = walk.register(client_id, **changes)
    application.key = key
    return application


@walks(
    "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
)
def _assertion_algorithms(walk: Walk) -> None:
    lists = {
        tuple(value) for name, value in walk.document.items()
        if name.endswith("_endpoint_auth_signing_alg_values_supported")
    }  # fmt: skip
    [listed] = lists
    for alg in listed:
        application = _proving(walk, f"proves-{alg}", "private_key_jwt", alg)
        assert walk.browser.tokens(application)["access_token"]


@walks("code_challenge_methods_supported")
def _challenge_methods(walk: Walk) -> None:
    application = walk.register("one")
    assert walk.document["code_challenge_methods_supported"] == ["S256"]
    assert walk.browser.tokens(application)
    answered = answer_of(walk.browser.authorize(application, code_challenge_method="plain"))
    assert answered["error"] == "invalid_request"


@walks("prompt_values_supported")
def _prompts(walk: Walk) -> None:
    application = walk.register("one")
    for prompt in [*walk.document["prompt_values_supported"], "sing"]:
        answer = walk.browser.authorize(application, prompt=prompt)
        is_refused = "error=invalid_request" in answer.headers["Location"]
        assert is_refused == (prompt == "sing"), prompt


@walks("acr_values_supported")
def _acr_values(walk: Walk) -> None:
    """The levels are those that the methods of signing in reach: password, code, passkey."""
    listed = walk.document["acr_values_supported"]
    passkey = with_passkey("hwk", knew_password=False)
    assert set(listed) == {acr_of(amr) for amr in (("pwd",), WITH_CODE, passkey)}
    for level in listed[:2]:  # what the walk's own sign-in reaches; the third: test_passkeys.py
        application = walk.register(f"wants-{level[-4:]}", default_acr_values=[level])
        assert acr_satisfies(_id_token(walk, application)["acr"], level)


@walks("claims_supported", "claim_types_supported", "claims_parameter_supported")
def _claims(walk: Walk) -> None:
    """Somebody with everything filled in: userinfo and ID token say every claim of the list."""
    account = _with_everything(walk)
    browser = story.sign_in(walk.ctx, walk.app, account)
    application = walk.register("one")
    wish = json.dumps({"id_token": {"email": None}})
    tokens = browser.tokens(application, scope=story.EVERY_SCOPE, claims=wish)
    said = browser.userinfo(tokens["access_token"]).get_json()
    signed = story.claims_of(walk.client, tokens["id_token"], application.client_id)
    assert signed["email"] == said["email"]
    listed = set(walk.document["claims_supported"])
    assert listed - {"azp"} <= set(said) | set(signed)
    assert set(said) | set(signed) <= listed
    assert walk.document["claim_types_supported"] == ["normal"]


def _with_everything(walk: Walk) -> Account:
    ctx = walk.ctx
    with writing(ctx.db):
        account = accounts.create(ctx, conformance.DETAILS, state="active", verified=True)
        assert isinstance(account, Account)
        conformance.fill(account)
        accounts.accept_terms(ctx, account.id, ctx.policies.accounts.terms_version)
        practice = organizations.add(ctx, kind="provider", name="A Practice", npi="1234567893")
        grant_role(
            ctx, account_id=account.id, organization_id=practice.id,  # type: ignore[union-attr]
            role="office_administrator", rights=[],
        )  # fmt: skip
    return account


@walks("ui_locales_supported", "display_values_supported")
def _pages(walk: Walk) -> None:
    application = walk.register("one")
    for locale in walk.document["ui_locales_supported"]:
        visitor = walk.app.test_client()
        request = application.request(ui_locales=locale, display="page")
        away = visitor.get("/oidc/authorize", query_string=request)
        page = visitor.get(away.headers["Location"])
        assert f'<html lang="{locale}">' in page.text
    assert walk.document["display_values_supported"] == ["page"]


@walks("request_parameter_supported", "request_object_signing_alg_values_supported")
def _request_objects(walk: Walk) -> None:
    now = int(walk.ctx.now().timestamp())
    for alg in walk.document["request_object_signing_alg_values_supported"]:
        key = SigningKey.make(alg)
        application = walk.register(f"asks-{alg}", jwks=key.jwks)
        claims = application.request(state=alg) | {"iss": application.client_id, "aud": ISSUER}
        token = key.sign(claims | {"exp": now + 60, "iat": now, "nbf": now})
        query = {"client_id": application.client_id, "request": token}
        answer = walk.client.get("/oidc/authorize", query_string=query)
        assert answer_of(answer)["state"] == alg


@walks("request_uri_parameter_supported", "require_pushed_authorization_requests")
def _request_uris(walk: Walk) -> None:
    """Only what was pushed is a request_uri, and nobody has to push."""
    application = walk.register("one")
    pushed = application.post(walk.client, "/oidc/par", dict(application.request()))
    query = {"client_id": application.client_id, "request_uri": pushed.get_json()["request_uri"]}
    assert "code" in answer_of(walk.client.get("/oidc/authorize", query_string=query))
    elsewhere = application.request(request_uri="https://client.example/request.jwt")
    answered = answer_of(walk.client.get("/oidc/authorize", query_string=elsewhere))
    assert answered["error"] == "request_uri_not_supported"
    assert walk.document["request_uri_parameter_supported"] is False
    assert walk.document["require_pushed_authorization_requests"] is False


@walks("authorization_details_types_supported")
def _details(walk: Walk) -> None:
    listed = walk.document["authorization_details_types_supported"]
    application = walk.register("one", authorization_details_types=listed)
    for kind in listed:
        sent = detail(type=kind)
        tokens = walk.browser.tokens(application, authorization_details=sent)
        assert tokens["authorization_details"][0]["type"] == kind
    answered = answer_of(
        walk.browser.authorize(application, authorization_details='[{"type":"payment"}]')
    )
    assert answered["error"] == "invalid_authorization_details"


@walks("authorization_response_iss_parameter_supported")
def _iss(walk: Walk) -> None:
    application = walk.register("one")
    for changes in ({}, {"response_type": "token"}):
        answered = answer_of(walk.browser.authorize(application, **changes))
        assert answered["iss"] == ISSUER


@walks(
    "backchannel_logout_supported", "backchannel_logout_session_supported",
    "frontchannel_logout_supported", "frontchannel_logout_session_supported",
)  # fmt: skip
def _logout(walk: Walk) -> None:
    """Both tell the session; what is posted is walked to in test_backchannel.py."""
    frame = "http://localhost:9001/front"
    application = walk.register("one", frontchannel_logout_uri=frame)
    hint = walk.browser.tokens(application)["id_token"]
    page = walk.client.get("/oidc/end-session", query_string={"id_token_hint": hint})
    assert re.search(rf'<iframe src="{frame}\?[^"]*sid={walk.browser.session.sid}"', page.text)
    for name in ("backchannel_logout", "frontchannel_logout"):
        assert walk.document[f"{name}_supported"] is True
        assert walk.document[f"{name}_session_supported"] is True
