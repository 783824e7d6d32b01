"""RP-initiated, back-channel and front-channel logout: one function for each module."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import jwt

from tests.oidc.certification.basic import Module
from tests.oidc.certification.suite import Flow, Landed, Suite, frames, unsigned
from tests.parts.browserless import Answer, Visitor

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_CONFIRM = "/oidc/end-session/confirm"
SIGNED_OUT = "You are signed out"
REFUSED = "The application sent a request we cannot accept"
QUESTION = "Do you want to sign out?"


def _signed_in(suite: Suite, visitor: Visitor) -> tuple[Flow, dict[str, str]]:
    """Sign in, and return the end-session request that most modules begin with."""
    flow = suite.flow(visitor, state=secrets.token_urlsafe(96)[:128])
    return flow, {
        "id_token_hint": flow.tokens["id_token"],
        "post_logout_redirect_uri": f"{suite.base}/post_logout_redirect",
        "state": secrets.token_urlsafe(8),
    }


def _end(suite: Suite, visitor: Visitor, request: dict[str, str]) -> Landed:
    """Go to the end-session endpoint, and on from the page that tells applications in frames."""
    since = len(suite.listener.arrivals)
    landed = suite.end_session(visitor, **request)
    assert landed.arrival is None, "no page told the application in a frame"
    onward = _tell(suite, landed.answer)
    answer = visitor.open(onward) if onward else landed.answer
    arrivals = [one for one in suite.listener.arrivals[since:] if one.method == "GET"]
    is_away = answer.url.startswith(suite.listener.url)
    return Landed(arrivals[-1] if is_away else None, answer, [])


def _tell(suite: Suite, answer: Answer) -> str | None:
    """Load the page's frames as a browser does; return where the Refresh header leads."""
    for frame in frames(answer):
        assert suite.get(frame.get("src")).status_code == 200
    refresh = answer.response.headers.get("Refresh", "")
    return urljoin(answer.url, refresh.partition("url=")[2]) if refresh else None


def _is_signed_out(suite: Suite, visitor: Visitor) -> bool:
    request = suite.request(prompt="none")
    error = suite.check_error(suite.authorize(visitor, request), request)
    return error in {"login_required", "interaction_required"}


def _back_with_state(suite: Suite, visitor: Visitor, *, state: bool) -> None:
    _, request = _signed_in(suite, visitor)
    if not state:
        del request["state"]
    landed = _end(suite, visitor, request)
    assert landed.arrival
    assert landed.arrival.name == "post_logout_redirect"
    assert landed.parameters == ({"state": request["state"]} if state else {})
    assert _is_signed_out(suite, visitor)


def _refused(suite: Suite, visitor: Visitor, **changes: str) -> None:
    """A bad request: the person reads why, nothing is redirected, and the session lives on."""
    _, request = _signed_in(suite, visitor)
    landed = suite.end_session(visitor, **(request | changes))
    assert landed.arrival is None
    assert landed.answer.status == 400
    assert landed.answer.heading == REFUSED
    assert not frames(landed.answer)


def _asked(suite: Suite, visitor: Visitor, *kept: str) -> None:
    """Without a hint the person is asked; having said yes they are signed out, and stay here."""
    _, request = _signed_in(suite, visitor)
    landed = suite.end_session(visitor, **{name: request[name] for name in kept})
    assert landed.answer.heading == QUESTION
    # The dialog that scripts open holds another form with such a button.
    form = next(one for one in landed.answer.forms if one.action == _CONFIRM)
    address = urljoin(landed.answer.url, _CONFIRM)
    done = visitor.send("POST", address, form.values(), came_from=landed.answer.url)
    assert done.heading == SIGNED_OUT
    assert "Refresh" not in done.response.headers
    assert suite.provider.url in done.url
    assert _is_signed_out(suite, visitor)


def discovery(suite: Suite, visitor: Visitor) -> None:
    assert suite.metadata["end_session_endpoint"].startswith(suite.provider.url)
    assert visitor.open(suite.metadata["end_session_endpoint"]).status == 200


def rp_initiated(suite: Suite, visitor: Visitor) -> None:
    _back_with_state(suite, visitor, state=True)


def no_state(suite: Suite, visitor: Visitor) -> None:
    _back_with_state(suite, visitor, state=False)


def bad_redirect_uri(suite: Suite, visitor: Visitor) -> None:
    bad = f"{suite.base}/bad_post_logout_redirect_uri"
    _refused(suite, visitor, post_logout_redirect_uri=bad)


def query_added(suite: Suite, visitor: Visitor) -> None:
    added = f"{suite.base}/post_logout_redirect?foo=bar"
    _refused(suite, visitor, post_logout_redirect_uri=added)


def modified_hint(suite: Suite, visitor: Visitor) -> None:
    flow = suite.flow(visitor)
    _refused(suite, visitor, id_token_hint=unsigned(flow.claims))


def bad_hint(suite: Suite, visitor: Visitor) -> None:
    """Signed by the suite with its client secret, with issuer and audience exchanged."""
    now = int(suite.provider.now().timestamp())
    claims = {
        "iss": suite.client.client_id, "sub": "SubjectID", "aud": suite.metadata["issuer"],
        "nonce": "flibble", "iat": now, "exp": now + 300,
    }  # fmt: skip
    forged = jwt.encode(claims, suite.client.secret, "HS256")
    _refused(suite, visitor, id_token_hint=forged)


def no_hint(suite: Suite, visitor: Visitor) -> None:
    _asked(suite, visitor, "post_logout_redirect_uri", "state")


def no_params(suite: Suite, visitor: Visitor) -> None:
    _asked(suite, visitor)


def only_state(suite: Suite, visitor: Visitor) -> None:
    _asked(suite, visitor, "state")


def no_redirect_uri(suite: Suite, visitor: Visitor) -> None:
    _, request = _signed_in(suite, visitor)
    del request["post_logout_redirect_uri"]
    landed = suite.end_session(visitor, **request)
    assert landed.arrival is None
    assert landed.answer.heading == SIGNED_OUT
    assert "Refresh" not in landed.answer.response.headers
    assert len(frames(landed.answer)) == 1
    assert _is_signed_out(suite, visitor)


RP_INITIATED: dict[str, Module] = {
    "oidcc-rp-initiated-logout-discovery-endpoint-verification": discovery,
    "oidcc-rp-initiated-logout": rp_initiated,
    "oidcc-rp-initiated-logout-no-state": no_state,
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": bad_redirect_uri,
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": query_added,
    "oidcc-rp-initiated-logout-modified-id-token-hint": modified_hint,
    "oidcc-rp-initiated-logout-bad-id-token-hint": bad_hint,
    "oidcc-rp-initiated-logout-no-id-token-hint": no_hint,
    "oidcc-rp-initiated-logout-no-params": no_params,
    "oidcc-rp-initiated-logout-only-state": only_state,
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri": no_redirect_uri,
}


def backchannel_discovery(suite: Suite, _visitor: Visitor) -> None:
    assert suite.metadata["backchannel_logout_supported"] is True
    assert suite.metadata["backchannel_logout_session_supported"] is True
    assert suite.metadata["end_session_endpoint"]


def backchannel(suite: Suite, visitor: Visitor) -> None:
    flow, request = _signed_in(suite, visitor)
    since = len(suite.listener.arrivals)
    landed = _end(suite, visitor, request)
    assert landed.parameters == {"state": request["state"]}
    notice = suite.listener.wait_for("backchannel_logout", since)
    assert notice.method == "POST"
    assert notice.content_type == "application/x-www-form-urlencoded"
    assert set(notice.body) == {"logout_token"}
    assert not notice.query
    _check_logout_token(suite, notice.body["logout_token"], flow)
    assert _is_signed_out(suite, visitor)


def _check_logout_token(suite: Suite, token: str, flow: Flow) -> None:
    """OpenID Connect Back-Channel Logout 1.0 section 2.4."""
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    claims: dict[str, Any] = suite.verified(token, suite.client.client_id)
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert claims["events"] == {_EVENT: {}}
    assert (claims["sub"], claims["sid"]) == (flow.claims["sub"], flow.claims["sid"])
    assert 0 < claims["exp"] - claims["iat"] <= 120


BACKCHANNEL: dict[str, Module] = {
    "oidcc-backchannel-logout-discovery-endpoint-verification": backchannel_discovery,
    "oidcc-backchannel-rp-initiated-logout": backchannel,
}


def frontchannel_discovery(suite: Suite, _visitor: Visitor) -> None:
    assert suite.metadata["frontchannel_logout_supported"] is True
    assert suite.metadata["frontchannel_logout_session_supported"] is True
    assert suite.metadata["end_session_endpoint"]


def frontchannel(suite: Suite, visitor: Visitor) -> None:
    flow, request = _signed_in(suite, visitor)
    landed = suite.end_session(visitor, **request)
    [frame] = frames(landed.answer)
    address = urlsplit(frame.get("src"))
    assert frame.get("src").startswith(f"{suite.base}/frontchannel_logout?")
    assert parse_qs(address.query) == {
        "iss": [suite.metadata["issuer"]],
        "sid": [flow.claims["sid"]],
    }
    _check_policy(landed.answer.response, suite.listener.url)
    onward = _tell(suite, landed.answer)
    assert onward
    assert onward == landed.answer.link("Continue")
    assert visitor.open(onward).query == {"state": request["state"]}
    assert _is_signed_out(suite, visitor)


def _check_policy(response: httpx.Response, origin: str) -> None:
    """The page may load the application's frame and nothing else of another origin."""
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert f"frame-src {origin}" in policy
    foreign = [one for one in policy if "http" in one and not one.startswith("frame-src")]
    assert not foreign


FRONTCHANNEL: dict[str, Module] = {
    "oidcc-frontchannel-logout-discovery-endpoint-verification": frontchannel_discovery,
    "oidcc-frontchannel-rp-initiated-logout": frontchannel,
}
