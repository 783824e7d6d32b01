"""id_token_hint: an ID token of ours that says who asks. RP-Initiated Logout 1.0 §2 and §4."""

from dataclasses import dataclass
from typing import get_args

from joserfc import jwt
from joserfc.errors import JoseError

from idp.foundation.context import Context
from idp.oidc.clients.registration import SigningAlgorithm

_ALGORITHMS = list(get_args(SigningAlgorithm))


@dataclass(frozen=True, slots=True)
class Hint:
    """Whose token it was: the application, the person and the session."""

    client_id: str
    sub: str
    sid: str


def read(ctx: Context, token: str) -> Hint | None:
    """Return what the token says, or None unless it is an ID token signed by us.

    Its end is not looked at: "The OP SHOULD accept ID Tokens when the RP [...] had a recent session
    [...] even when the exp time has passed" (§2). Only the algorithms of our own keys verify, so
    neither `none` nor an HMAC with the public key does (cases LO-04, JW-01).
    """
    try:
        decoded = jwt.decode(token, ctx.signing_keys.public_keyset(), algorithms=_ALGORITHMS)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    claims, kind = decoded.claims, decoded.header.get("typ")
    if kind != "JWT" or claims.get("iss") != ctx.settings.issuer:
        return None
    client_id, sub, sid = claims.get("aud"), claims.get("sub"), claims.get("sid")
    if isinstance(client_id, str) and isinstance(sub, str) and isinstance(sid, str):
        return Hint(client_id, sub, sid)
    return None
