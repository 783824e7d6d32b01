"""A relying party in one file, with Flask and Authlib.

    python -m pip install flask authlib requests
    export ISSUER=https://id.example.org CLIENT_ID=... CLIENT_SECRET=... SESSION_KEY=...
    flask --app flask_app run --port 5000

Register it with redirect_uri http://localhost:5000/callback, post_logout_redirect_uri
http://localhost:5000/ and backchannel_logout_uri http://localhost:5000/backchannel-logout.
"""

import os
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, request, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from markupsafe import escape

ISSUER = os.environ["ISSUER"]
CLIENT_ID = os.environ["CLIENT_ID"]
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

app = Flask(__name__)
app.secret_key = os.environ["SESSION_KEY"]
oauth = OAuth(app)
oauth.register(
    "provider",
    client_id=CLIENT_ID,
    client_secret=os.environ["CLIENT_SECRET"],
    # Every address comes from discovery; only the issuer is configured.
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)
# Sessions that the provider has ended. A real application keeps them in its database.
ended: set[str] = set()


@app.get("/")
def home() -> str:
    """Greet whoever is signed in, unless the provider ended that session meanwhile."""
    person = session.get("person")
    if person is None or person["sid"] in ended:
        session.clear()
        return '<a href="/sign-in">Sign in</a>'
    return f'Hello {escape(person["name"])} <a href="/sign-out">Sign out</a>'


@app.get("/sign-in")
def sign_in() -> Any:
    """Send the browser to the provider; Authlib makes state, nonce and PKCE."""
    return oauth.provider.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback() -> Any:
    """Redeem the code; Authlib checks state, signature, issuer, audience, nonce and times."""
    if request.args.get("iss") != ISSUER:  # RFC 9207: the answer is of the provider we asked
        return Response("This answer is of somebody else.", 400)
    try:
        token = oauth.provider.authorize_access_token()
    except OAuthError as error:
        return Response(f"No sign-in: {escape(error.error)}", 400)
    claims = token["userinfo"]  # the claims of the ID token
    said = oauth.provider.userinfo(token=token)
    if said["sub"] != claims["sub"]:
        return Response("Userinfo is of somebody else.", 400)
    # One account for each (iss, sub); a name or an email address can change hands.
    session["person"] = {"sub": claims["sub"], "sid": claims["sid"], "name": said["name"]}
    session["id_token"] = token["id_token"]
    return redirect("/")


@app.get("/sign-out")
def sign_out() -> Any:
    """End the session here and send the browser to the provider to end it everywhere."""
    hint = session.get("id_token")
    session.clear()
    back = url_for("home", _external=True)
    return redirect(oauth.provider.create_logout_url(back, id_token_hint=hint)["url"])


@app.post("/backchannel-logout")
def backchannel_logout() -> Response:
    """Learn from the provider itself that a session is over."""
    keys = KeySet.import_key_set(oauth.provider.fetch_jwk_set(force=True))
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": CLIENT_ID},
        exp={"essential": True},
        sid={"essential": True},
    )
    try:
        token = jwt.decode(request.form["logout_token"], keys, algorithms=["RS256"])
        rules.validate(token.claims)
    except (JoseError, KeyError, ValueError):
        return Response("That is no logout token.", 400)
    if "nonce" in token.claims or LOGOUT_EVENT not in token.claims.get("events", {}):
        return Response("That is another kind of token.", 400)
    ended.add(token.claims["sid"])
    return Response(status=204, headers={"Cache-Control": "no-store"})
