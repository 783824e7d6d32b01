"""What userinfo says: claims by scope, evaluated now. OpenID Connect Core §5.3."""

from dataclasses import dataclass
from typing import Any

from idp.foundation.context import Context
from idp.foundation.ids import secret_hash
from idp.oidc import asked_claims, claims, scopes
from idp.oidc.connections import reading
from idp.oidc.grants import store
from idp.oidc.grants.standing import Standing
from idp.people.rights.service import access_of


@dataclass(frozen=True, slots=True)
class Said:
    """The claims of a person, for which client, and how that client wants them signed, if so."""

    claims: dict[str, Any]
    client_id: str
    signing_alg: str | None


def of_token(ctx: Context, access_token: str) -> Said | None:
    """Return the claims of an access token's person; None unless everything behind it stands.

    One statement reads the token, its grant, client, session and account; the rights, where the
    scope has them, are read by one more.
    """
    with reading(ctx) as connection:
        found = store.for_userinfo(connection, secret_hash(access_token))
    if found is None or found.revoked_at is not None or ctx.now() >= found.expires_at:
        return None
    if not Standing.of(found).holds(ctx):
        return None
    granted = scopes.split(found.scope)
    single = (found.claims_asked or {}).get("userinfo", ())
    said = {"sub": found.sub, **claims.of_person(found, granted), **asked_claims.of(found, single)}
    if "access" in {*granted, *single}:
        said["access"] = access_of(ctx, found.account_id)
    return Said(said, found.client_id, found.userinfo_signing_alg)
