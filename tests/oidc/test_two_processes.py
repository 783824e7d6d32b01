"""Two processes on PostgreSQL (and one on SQLite): one winner each time, and no failed sign-in.

Real processes behind one address; the kernel gives each connection to either of them.
"""

import base64
import hashlib
import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Visitor
from tests.parts.postgres import PostgresServer
from tests.parts.provider import Provider, running_provider
from tools.places import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.timeout(240)]

CALLBACK = "http://localhost:9001/callback"
# Times of keys that a test can wait for; what they must be among each other stays as it is.
KEY_TIMES = {
    "jwks_cache_seconds": 1,
    "keys_reload_seconds": 1,
    "key_publish_seconds": 4,
    "key_keep_seconds": 900,
}


def _quick_keys(folder: Path) -> Path:
    shutil.copytree(ROOT / "policies", folder)
    file = folder / "tokens.toml"
    content = file.read_text(encoding="utf-8")
    for name, value in KEY_TIMES.items():
        content, found = re.subn(rf"(?m)^{name} = \d+$", f"{name} = {value}", content)
        assert found == 1
    file.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provider]:
    """Two process groups on PostgreSQL, or one with two processes on SQLite."""
    folder = tmp_path_factory.mktemp("processes")
    extra = {"IDP_POLICIES_DIR": str(_quick_keys(folder / "policies"))}
    if request.param == "sqlite":
        with running_provider(folder, extra=extra, nodes=2) as provider:
            yield provider
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    address = server.create_database()
    with running_provider(folder, database_url=address, extra=extra, nodes=2) as provider:
        yield provider
    server.drop_database(address)


@dataclass
class RelyingParty:
    """An application and the browser of one person who is signed in."""

    provider: Provider
    client_id: str
    secret: str
    cookie: str
    # As an application keeps them: read again when they are as old as their max-age.
    keys: dict[str, Any] = field(default_factory=dict)
    read_at: float = 0.0

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request on a connection of its own, so that either process may get it."""
        with httpx.Client(trust_env=False, timeout=30) as http:
            return http.request(method, f"{self.provider.url}{path}", **options)

    def refresh_keys(self) -> None:
        """Read the published keys when those that are kept are too old."""
        if time.monotonic() - self.read_at >= KEY_TIMES["jwks_cache_seconds"]:
            began = time.monotonic()
            found = self.call("GET", "/oidc/jwks").json()
            self.keys = {key["kid"]: jwt.PyJWK.from_dict(key).key for key in found["keys"]}
            self.read_at = began

    def code(self) -> tuple[str, str]:
        """Get a code without a page; return it with its verifier."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        answer = self.call(
            "GET",
            "/oidc/authorize",
            headers={"Cookie": self.cookie},
            params={
                "client_id": self.client_id,
                "redirect_uri": CALLBACK,
                "response_type": "code",
                "scope": "openid",
                "prompt": "none",
                "nonce": "n",
                "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
                "code_challenge_method": "S256",
            },
        )
        assert answer.status_code == 303, answer.text
        parameters = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert "code" in parameters, parameters
        return parameters["code"][0], verifier

    def redeem(self, code: str, verifier: str) -> httpx.Response:
        return self.token(
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=CALLBACK,
        )

    def refresh(self, token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def token(self, **form: str) -> httpx.Response:
        return self.call("POST", "/oidc/token", data=form, auth=(self.client_id, self.secret))

    def userinfo(self, access_token: str) -> int:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.call("GET", "/oidc/userinfo", headers=headers).status_code

    def verified_kid(self, token: str) -> str:
        """Verify an ID token with the keys that are kept; a kid they lack fails."""
        kid: str = jwt.get_unverified_header(token)["kid"]
        assert kid in self.keys, f"{kid} signs and was not published before"
        options: Any = {"verify_exp": False, "verify_iat": False}
        jwt.decode(token, self.keys[kid], ["RS256"], audience=self.client_id, options=options)
        return kid


@pytest.fixture(scope="module")
def party(deployed: Provider) -> RelyingParty:
    """Register an application and sign a person of the demonstration in."""
    metadata = {
        "client_id": "loaded",
        "client_name": "Loaded",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "first_party": True,
    }
    made = json.loads(deployed.idp("clients", "register", "--json", stdin=json.dumps(metadata)))
    account = deployed.accounts()["rrecipient"]
    visitor = Visitor()
    page = visitor.open(f"{deployed.url}/sign-in")
    page = page.submit({"username": account["username"], "password": account["password"]})
    page = page.submit({"code": Authenticator(account["totp_secret"], deployed.now).code()})
    assert page.path.startswith("/account"), page.text
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    visitor.close()
    return RelyingParty(deployed, "loaded", made["client_secret"], cookie)


def test_TK_01_fifty_redemptions_at_once_have_one_winner(party: RelyingParty) -> None:
    code, verifier = party.code()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: party.redeem(code, verifier), range(50)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(400)) == (1, 49), statuses
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    # Seen twice, the code was stolen once: what it gave is dead (RFC 6749 section 4.1.2).
    assert party.userinfo(winner["access_token"]) == 401


def test_TK_09_twenty_refreshes_at_once_have_one_successor(party: RelyingParty) -> None:
    token = party.redeem(*party.code()).json()["refresh_token"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: party.refresh(token), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    pairs = {(each.json()["access_token"], each.json()["refresh_token"]) for each in answers}
    assert len(pairs) == 1
    access, successor = pairs.pop()
    assert party.userinfo(access) == 200
    assert party.refresh(successor).status_code == 200
    assert party.refresh(token).status_code == 400
    assert party.userinfo(access) == 401


@dataclass
class Load:
    """What a relying party saw while it signed people in again and again."""

    tokens: list[tuple[datetime, str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self, party: RelyingParty) -> None:
        own = RelyingParty(party.provider, party.client_id, party.secret, party.cookie)
        while not self.is_over.is_set():
            try:
                self._sign_in(own)
            except (AssertionError, httpx.HTTPError, jwt.PyJWTError, KeyError) as error:
                self.failures.append(repr(error))

    def _sign_in(self, own: RelyingParty) -> None:
        own.refresh_keys()
        answer = own.redeem(*own.code())
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        kid = own.verified_kid(tokens["id_token"])
        self.tokens.append((datetime.now(UTC), kid, tokens["id_token"]))
        own.refresh_keys()
        again = own.refresh(tokens["refresh_token"])
        assert again.status_code == 200, again.text
        own.verified_kid(again.json()["id_token"])
        assert own.userinfo(again.json()["access_token"]) == 200


def test_JW_09_keys_rotate_under_load_and_nobody_notices(party: RelyingParty) -> None:
    load = Load()
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(load.run, party) for _ in range(3)]
        time.sleep(1)
        [made] = json.loads(party.provider.idp("keys", "rotate", "--alg", "RS256", "--json"))
        signs_from = datetime.fromisoformat(made["signs_from"])
        while datetime.now(UTC) < signs_from + timedelta(seconds=3):
            time.sleep(0.1)
        load.is_over.set()
        for each in running:
            each.result()
    assert not load.failures, load.failures[:3]
    kids = [kid for _, kid, _ in sorted(load.tokens)]
    assert len(set(kids)) == 2, set(kids)
    assert kids[-1] == made["kid"]
    assert min(at for at, kid, _ in load.tokens if kid == made["kid"]) >= signs_from
    party.read_at = 0.0
    party.refresh_keys()
    for _, _, token in load.tokens:
        party.verified_kid(token)
    # Who signs follows from the clock alone; the worker writes it down some seconds later.
    wanted = {kids[0]: "retired", made["kid"]: "active"}
    end = time.monotonic() + 30
    while wanted.items() - {row["kid"]: row["state"] for row in _keys(party)}.items():
        assert time.monotonic() < end, _keys(party)
        time.sleep(0.5)


def test_a_withdrawn_key_is_gone_from_every_process_in_a_moment(party: RelyingParty) -> None:
    party.refresh_keys()
    token = party.redeem(*party.code()).json()["id_token"]
    kid = jwt.get_unverified_header(token)["kid"]
    party.provider.idp("keys", "withdraw", kid)
    time.sleep(KEY_TIMES["keys_reload_seconds"] + 0.2)
    for _ in range(10):
        published = party.call("GET", "/oidc/jwks").json()["keys"]
        assert kid not in {key["kid"] for key in published}
        fresh = party.redeem(*party.code()).json()["id_token"]
        assert jwt.get_unverified_header(fresh)["kid"] != kid


def _keys(party: RelyingParty) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(party.provider.idp("keys", "list", "--json"))
    return found
