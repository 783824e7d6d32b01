"""Authlib's client: discovery, PAR, PKCE, private_key_jwt, refresh, userinfo, sign-out.

The provider uses Authlib's server classes; its client is another half of the library, and what it
checks it checks by itself. JWTs come with their keys from the address that discovery names.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.interop.conftest import Register
from tests.interop.relying_party import SCOPE, RelyingParty

pytestmark = pytest.mark.processes
_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class AuthlibParty:
    """A relying party as Authlib's documentation builds one."""

    party: RelyingParty
    session: Any  # Authlib's OAuth2Session, which is not typed
    server: dict[str, Any]

    @classmethod
    def of(cls, party: RelyingParty) -> "AuthlibParty":
        """Read discovery and set the session up with the client's key."""
        assert party.key
        session: Any = OAuth2Session(  # type: ignore[no-untyped-call]  # typed in part
            party.client_id,
            ECKey.import_key(party.key),
            token_endpoint_auth_method="private_key_jwt",
            scope=SCOPE,
            redirect_uri=party.redirect_uri,
            code_challenge_method="S256",
        )
        session.trust_env = False
        # The audience is the issuer, the one value that is the same at every endpoint.
        header = {"kid": party.key["kid"]}
        proof: Any = PrivateKeyJWT(party.provider.url, alg="ES256", headers=header)  # type: ignore[no-untyped-call]
        session.register_client_auth_method(proof)
        address = f"{party.provider.url}/.well-known/openid-configuration"
        server: dict[str, Any] = session.get(address, withhold_token=True).json()
        return cls(party, session, server)

    def push(self, verifier: str, nonce: str) -> tuple[str, str]:
        """Push the request; return the address for the browser, and its state."""
        address, state = self.session.create_authorization_url(
            self.server["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        pushed = self.session.post(
            self.server["pushed_authorization_request_endpoint"],
            data=dict(parse_qsl(urlsplit(address).query)),
            auth=self.session.client_auth("private_key_jwt"),
            withhold_token=True,
        )
        assert pushed.status_code == 201, pushed.text
        query = {"client_id": self.party.client_id, "request_uri": pushed.json()["request_uri"]}
        return f"{self.server['authorization_endpoint']}?{urlencode(query)}", state

    def keys(self) -> KeySet:
        """Read the provider's keys."""
        found: KeySet = KeySet.import_key_set(
            self.session.get(self.server["jwks_uri"], withhold_token=True).json()
        )
        return found

    def id_token(self, token: dict[str, Any], nonce: str | None) -> Any:
        """Validate an ID token with Authlib's own claims class."""
        decoded = jwt.decode(token["id_token"], self.keys(), algorithms=["RS256"])
        known = {"client_id": self.party.client_id, "access_token": token["access_token"]}
        claims: Any = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": self.server["issuer"]}},
            known | ({"nonce": nonce} if nonce else {}),
        )
        claims.validate(leeway=5)
        return claims


def test_authlib_does_everything_a_relying_party_does(register_party: Register) -> None:
    party = register_party("interop-authlib", token_endpoint_auth_method="private_key_jwt")
    authlib = AuthlibParty.of(party)
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(20)
    address, state = authlib.push(verifier, nonce)
    came_back = party.came_back(party.browse(address))
    token = authlib.session.fetch_token(
        authlib.server["token_endpoint"],
        authorization_response=came_back,
        state=state,
        code_verifier=verifier,
    )
    claims = authlib.id_token(token, nonce)
    userinfo = authlib.session.get(authlib.server["userinfo_endpoint"]).json()
    assert userinfo["sub"] == claims["sub"]
    assert userinfo["preferred_username"] == party.person["username"]
    fresh = authlib.session.refresh_token(authlib.server["token_endpoint"])
    assert fresh["access_token"] != token["access_token"]
    assert authlib.id_token(fresh, None)["auth_time"] == claims["auth_time"]
    again = authlib.session.get(authlib.server["userinfo_endpoint"]).json()
    assert again == userinfo
    _signs_out(authlib, fresh["id_token"], claims)


def _signs_out(authlib: AuthlibParty, hint: str, claims: Any) -> None:
    """Sign out as the relying party asks for it, and check the logout token."""
    party, since = authlib.party, len(authlib.party.listener.arrivals)
    query = {
        "id_token_hint": hint,
        "post_logout_redirect_uri": party.post_logout_redirect_uri,
        "state": "signed-out",
    }
    arrival = party.browse(f"{authlib.server['end_session_endpoint']}?{urlencode(query)}")
    assert (arrival.path, arrival.query) == ("/signed-out", {"state": "signed-out"})
    notice = party.listener.wait_for("backchannel_logout", since)
    found = jwt.decode(notice.body["logout_token"], authlib.keys(), algorithms=["RS256"])
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": authlib.server["issuer"]},
        aud={"essential": True, "value": party.client_id},
        sid={"essential": True, "value": claims["sid"]},
        sub={"essential": True, "value": claims["sub"]},
        leeway=5,
    ).validate(found.claims)
    assert found.claims["events"] == {_EVENT: {}}
    assert found.header["typ"] == "logout+jwt"
    assert "nonce" not in found.claims
