"""npm's openid-client: discovery, PAR, PKCE, private_key_jwt, refresh, userinfo, sign-out."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Register
from tools.node import node
from tools.places import ROOT

pytestmark = pytest.mark.processes
_SCRIPT = Path(__file__).with_name("openid_client.mjs")


class Script:
    """The running relying party: JSON lines in and out."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node(), _SCRIPT],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def tell(self, **values: Any) -> None:
        """Write a line to it."""
        assert self._process.stdin
        self._process.stdin.write(f"{json.dumps(values)}\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Read a line of it; AssertionError with its own words when it ended."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"openid-client stopped:\n{self._process.communicate()[1]}")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def stop(self) -> None:
        """End it, if it has not ended."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def script() -> Iterator[Script]:
    running = Script()
    yield running
    running.stop()


def test_openid_client_does_everything_a_relying_party_does(
    script: Script, register_party: Register
) -> None:
    party = register_party("interop-node", token_endpoint_auth_method="private_key_jwt")
    script.tell(**party.settings)
    address = script.hear()["open"]
    assert "request_uri=" in address
    assert "redirect_uri" not in address
    arrival = party.browse(address)
    script.tell(callback=party.came_back(arrival))
    found = script.hear()
    assert found["claims"]["sub"] == found["userinfo"]["sub"] == found["again"]["sub"]
    assert found["userinfo"]["preferred_username"] == party.person["username"]
    assert found["refreshed"]["auth_time"] == found["claims"]["auth_time"]
    assert found["active"] is True
    since = len(party.listener.arrivals)
    arrival = party.browse(script.hear()["open"])
    assert (arrival.path, arrival.query) == ("/signed-out", {"state": "signed-out"})
    notice = party.listener.wait_for("backchannel_logout", since)
    script.tell(logout_token=notice.body["logout_token"])
    verified = script.hear()
    assert verified["header"]["typ"] == "logout+jwt"
    assert verified["logout"]["sid"] == found["claims"]["sid"]
    assert "nonce" not in verified["logout"]
