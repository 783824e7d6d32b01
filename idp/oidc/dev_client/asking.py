"""What the test client is registered with, and the requests it makes."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from idp.foundation.context import Context
from idp.foundation.ids import new_secret
from idp.oidc import scopes
from idp.oidc.clients import service as clients
from idp.oidc.clients.registration import Registration
from idp.oidc.parameters import Parameters
from idp.oidc.token.request import ProgramRequest
from idp.oidc.token.server import ProgramAnswer, TokenServer

CLIENT_ID = "development-client"
PATH = "/dev/client"
CALLBACK = "/dev/client/callback"


def ensure_registered(ctx: Context) -> None:
    """Register the test client if it is not: without a secret, and asked for consent."""
    issuer = ctx.settings.issuer
    clients.add(
        ctx,
        Registration(
            client_id=CLIENT_ID,
            client_name="Test client",
            client_name_es="Cliente de prueba",
            client_uri=f"{issuer}{PATH}",
            redirect_uris=(f"{issuer}{CALLBACK}",),
            post_logout_redirect_uris=(f"{issuer}{PATH}",),
            token_endpoint_auth_method="none",
            grant_types=("authorization_code", "refresh_token"),
            scope=scopes.join(scopes.KNOWN),
        ),
    )  # refused when it is there already, which is just as well


def request(
    ctx: Context, wishes: Mapping[str, str], *, state: str, verifier: str
) -> dict[str, str]:
    """Return the parameters of an authorization request: what was wished for, and what must be."""
    digest = hashlib.sha256(verifier.encode()).digest()
    fixed = {
        "client_id": CLIENT_ID,
        "redirect_uri": f"{ctx.settings.issuer}{CALLBACK}",
        "response_type": "code",
        "state": state,
        "nonce": new_secret(),
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return fixed | {name: value for name, value in wishes.items() if value}


def redeem(ctx: Context, server: TokenServer, code: str, verifier: str) -> ProgramAnswer:
    """Exchange a code as a public client does."""
    return _ask(
        ctx,
        server,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{ctx.settings.issuer}{CALLBACK}",
            "code_verifier": verifier,
        },
    )


def refresh(ctx: Context, server: TokenServer, token: str) -> ProgramAnswer:
    """Exchange a refresh token."""
    return _ask(ctx, server, {"grant_type": "refresh_token", "refresh_token": token})


def sign_out(ctx: Context, id_token: str) -> str:
    """Return where the application sends the person to sign out (RP-Initiated Logout 1.0 §2)."""
    back = f"{ctx.settings.issuer}{PATH}"
    query = {"id_token_hint": id_token, "post_logout_redirect_uri": back}
    return f"/oidc/end-session?{urlencode(query)}"


def _ask(ctx: Context, server: TokenServer, form: Mapping[str, Any]) -> ProgramAnswer:
    program = ProgramRequest(ctx, Parameters({**form, "client_id": CLIENT_ID}), None)
    return server.answer(program)
