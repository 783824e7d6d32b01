"""Pages of the test client: a request to fill in, and every answer taken apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from flask import Response, request

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_secret
from idp.oidc import jwts, reading
from idp.oidc.clients.registration import SigningAlgorithm
from idp.oidc.dev_client import asking, explanations
from idp.oidc.dev_client.forms import RequestForm
from idp.oidc.parameters import Malformed, Parameters
from idp.oidc.token.client_authentication import ClientAuthentication
from idp.oidc.token.server import TokenServer
from idp.oidc.userinfo import answer as userinfo
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.pages import redirect_303, render
from idp.web.transactions import service as transactions

_UNPROCESSABLE = 422


@dataclass
class _Shown:
    """What one page shows: each answer as rows, and what can be done next."""

    received: Mapping[str, str] = field(default_factory=dict)
    is_ours: bool = True
    tokens: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    userinfo: Mapping[str, Any] = field(default_factory=dict)


class DevClient:
    """Answers /dev/client and what is below it."""

    def __init__(self, authentication: ClientAuthentication) -> None:
        self._server = TokenServer(authentication)

    def show(self) -> Response:
        """Answer GET /dev/client: the form."""
        return render("dev/client.html", form=RequestForm(), client_id=asking.CLIENT_ID)

    def start(self) -> Response:
        """Answer POST /dev/client: keep the verifier and send the browser on its way."""
        ctx, form, verifier = current_context(), RequestForm(), new_secret()
        if not form.validate_on_submit():
            return render(
                "dev/client.html",
                status_code=_UNPROCESSABLE,
                form=form,
                client_id=asking.CLIENT_ID,
            )
        asking.ensure_registered(ctx)
        with writing(ctx.db):
            kept = transactions.begin(ctx, current_browser().digest, return_to=asking.PATH)
            transactions.save(ctx, kept, verifier=verifier)
        sent = asking.request(ctx, form.wishes(), state=kept.handle, verifier=verifier)
        if form.without_pkce.data:
            sent = {name: text for name, text in sent.items() if "challenge" not in name}
        return redirect_303("/oidc/authorize", **sent)

    def callback(self) -> Response:
        """Answer GET and POST /dev/client/callback: take the answer apart and redeem its code."""
        ctx = current_context()
        try:
            received = reading.front_channel(ctx)
        except Malformed:
            received = Parameters({})
        verifier = _verifier(ctx, received.get("state") or "")
        shown = _Shown(dict(received.values), is_ours=verifier is not None)
        if verifier and (code := received.get("code")):
            _, shown.tokens = asking.redeem(ctx, self._server, code, verifier)
        return _render(ctx, shown)

    def refresh(self) -> Response:
        """Answer POST /dev/client/refresh: exchange the refresh token of the page before."""
        ctx, sent = current_context(), request.form.get("refresh_token", "")
        _, tokens = asking.refresh(ctx, self._server, sent)
        return _render(ctx, _Shown(tokens=tokens))


def _verifier(ctx: Context, state: str) -> str | None:
    """Return the verifier of a request that this browser sent, whatever became of it."""
    found = transactions.load(ctx, current_browser().digest, state)
    return str(found.progress["verifier"]) if found and "verifier" in found.progress else None


def _render(ctx: Context, shown: _Shown) -> Response:
    token = shown.tokens.get("id_token")
    if token:
        keys = ctx.signing_keys.public_keyset().keys
        found = jwts.verified(token, keys, get_args(SigningAlgorithm))
        if found:
            shown.header, shown.claims = found.header, found.claims
    said = userinfo.of_token(ctx, shown.tokens.get("access_token", ""))
    shown.userinfo = said.claims if said else {}
    return render(
        "dev/client_answer.html",
        rows={
            name: explanations.rows(getattr(shown, name))
            for name in ("received", "tokens", "header", "claims", "userinfo")
        },
        shown=shown,
        sign_out=asking.sign_out(ctx, token) if token else None,
        again=asking.PATH,
    )
