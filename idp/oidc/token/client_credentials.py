"""grant_type=client_credentials. RFC 6749 §4.4: a program acts in its own name.

No person stands behind the token, so there is no ID token, no refresh token (§4.4.3) and no claim
about anybody; userinfo does not know it.
"""

from datetime import timedelta
from typing import Any

from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.oidc import scopes
from idp.oidc.clients.client import Client
from idp.oidc.connections import committing
from idp.oidc.grants import client_tokens
from idp.oidc.token.access_token import Access, as_jwt
from idp.oidc.token.grant import Grant, StaleRegistration, refusal


class ClientCredentials(Grant):
    """Gives a confidential client an access token of its own."""

    GRANT_TYPE = "client_credentials"  # type: ignore[assignment]  # Authlib's default is None

    def exchange(self, client: Client) -> dict[str, Any]:
        """Check what is asked for, store the token, and answer with it alone."""
        ctx, handle = self.program.ctx, new_secret()
        access = self._access(client)
        row = {
            "id": new_id(),
            "client_id": client.client_id,
            "token_hash": secret_hash(handle),
            "scope": access.scope,
            "resource": access.resource or None,
            "issued_at": access.issued_at,
            "expires_at": access.expires_at,
        }
        with committing(ctx) as connection:
            if not client_tokens.add(connection, row, client.version):
                raise StaleRegistration
        sent = as_jwt(ctx, access, handle, client.signing_alg) if access.resource else handle
        seconds = ctx.policies.tokens.access_token_seconds
        return {
            "access_token": sent,
            "token_type": "Bearer",
            "expires_in": seconds,
            "scope": access.scope,
        }

    def _access(self, client: Client) -> Access:
        ctx, now = self.program.ctx, self.program.ctx.now()
        resource = self.program.get("resource")
        if resource is not None and resource not in client.resources:
            raise refusal("invalid_target", "The client may not ask for this resource.")
        return Access(
            client_id=client.client_id,
            sub=client.client_id,
            scope=self._scope(client),
            resource=resource or "",
            issued_at=now,
            expires_at=now + timedelta(seconds=ctx.policies.tokens.access_token_seconds),
            person={},
        )

    def _scope(self, client: Client) -> str:
        """Return what is asked for, or all that is registered (§3.3); never a person's scope."""
        registered = client.machine_scopes
        asked = scopes.split(self.program.get("scope") or scopes.join(tuple(sorted(registered))))
        if not asked or not set(asked) <= registered:
            raise refusal("invalid_scope", "The client may not ask for this scope.")
        return scopes.join(asked)
