"""grant_type=urn:ietf:params:oauth:grant-type:device_code. RFC 8628 §3.4 and §3.5.

What a person approved is a grant like any other: redeemed once, by the statement that redeems
authorization codes, and its tokens die when the device code is shown again.
"""

from typing import Any, get_args

from idp.foundation.ids import secret_hash
from idp.oidc.clients import registration
from idp.oidc.clients.client import Client
from idp.oidc.connections import committing
from idp.oidc.device import codes, store
from idp.oidc.grants.standing import Standing
from idp.oidc.grants.store import Record
from idp.oidc.token import issuing
from idp.oidc.token.authorization_code import redeem
from idp.oidc.token.grant import Grant, refusal
from idp.oidc.token.request import ProgramRequest

# §3.5, by the state of the request.
_NOT_YET = {
    "waiting": ("authorization_pending", "The person has not decided yet."),
    "denied": ("access_denied", "The person did not allow it."),
}


class DeviceCode(Grant):
    """Exchanges a device code for tokens once a person has approved it."""

    GRANT_TYPE = get_args(registration.DeviceCode)[0]
    ARTEFACT = "device_code"

    def exchange(self, client: Client) -> dict[str, Any]:
        """Look whether the person has decided, and redeem what they approved."""
        ctx = self.program.ctx
        hashed = secret_hash(self.program.get("device_code") or "")
        self._see_decision(client, hashed)
        pair = issuing.Pair.first(client)
        grant, issue = redeem(self.program, client, pair, codes.grant_hash(hashed), _problem)
        return issuing.answer(ctx, client, grant, pair, issue, nonce=None)

    def _see_decision(self, client: Client, hashed: str) -> None:
        """Raise the OAuth2Error that says what a device without an approval has to do."""
        now = self.program.ctx.now()
        with committing(self.program.ctx) as connection:
            found, is_too_soon = store.poll(connection, hashed, client.client_id, now)
        if found is None:
            raise refusal("invalid_grant", "The device code is not valid.")
        if now >= found.expires_at:
            raise refusal("expired_token", "The device code is too old.")
        if is_too_soon:
            raise refusal("slow_down", "Ask less often: wait five seconds longer each time.")
        if found.state in _NOT_YET:
            raise refusal(*_NOT_YET[found.state])


def _problem(program: ProgramRequest, client: Client, grant: Record) -> str | None:
    """Return the key of what is wrong with a redemption, for the audit trail alone."""
    found = (
        ("other_client", grant.client_id != client.client_id),
        ("expired", program.ctx.now() >= grant.code_expires_at),
        ("revoked", grant.revoked_at is not None),
        ("session_over", not Standing.of(grant).holds(program.ctx)),
    )
    return next((key for key, is_so in found if is_so), None)
