"""The examples of docs/relying-parties.md, run as they stand there."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Place, Register
from tests.interop.relying_party import RelyingParty
from tests.parts.browserless import Answer
from tests.parts.command_line import with_programs
from tests.parts.ports import free_ports
from tests.parts.programs import Program, start, wait_until
from tools.node import node
from tools.places import ROOT
from tools.processes import answers

pytestmark = pytest.mark.processes
EXAMPLES = ROOT / "docs" / "examples"
Command = list[str | Path]
Run = Callable[..., tuple[RelyingParty, str]]


@contextmanager
def running(command: Command, variables: dict[str, str], log: Path, url: str) -> Iterator[Program]:
    """Run an example until the `with` ends."""
    program = start(log.stem, command, log=log, environment=dict(os.environ) | variables)
    try:
        wait_until(lambda: answers(url), program, url)
        yield program
    finally:
        program.stop()


@pytest.fixture
def run(place: Place, register_party: Register, tmp_path: Path) -> Iterator[Run]:
    """Register an example, run it, and return its party and address."""
    with ExitStack() as stack:

        def started(
            client_id: str, command: Callable[[int], Command], **changes: Any
        ) -> tuple[RelyingParty, str]:
            port = free_ports(1)
            here = f"http://localhost:{port}"
            party = register_party(
                client_id,
                redirect_uris=[f"{here}/callback"],
                post_logout_redirect_uris=[f"{here}/"],
                backchannel_logout_uri=None,
                **changes,
            )
            variables = {
                "ISSUER": place[0].url,
                "CLIENT_ID": party.client_id,
                "CLIENT_SECRET": party.secret or "",
                "SESSION_KEY": secrets.token_urlsafe(32),
                "PORT": str(port),
            }
            log = tmp_path / f"{client_id}.log"
            stack.enter_context(running(command(port), variables, log, f"{here}/"))
            return party, here

        yield started


def flask(port: int) -> Command:
    where = EXAMPLES / "flask_app.py"
    return [sys.executable, "-m", "flask", "--app", where, "run", "--port", str(port)]


def openid_client(_port: int) -> Command:
    return [node(), EXAMPLES / "node_app.mjs"]


def sign_in(party: RelyingParty, here: str) -> Answer:
    """Follow the example's link and the provider's pages back to the example."""
    answer = party.visitor.open(f"{here}/").click("Sign in")
    while not answer.url.startswith(here):
        answer = party.act(answer)
    return answer


@pytest.mark.parametrize(
    ("name", "command"), [("example-flask", flask), ("example-node", openid_client)]
)
def test_an_example_signs_in_and_out(
    run: Run, name: str, command: Callable[[int], Command]
) -> None:
    party, here = run(name, command)
    assert re.match(r"Hello \w+ \w+", sign_in(party, here).text)
    assert party.visitor.open(f"{here}/").text.startswith("Hello")
    signed_out = party.visitor.open(f"{here}/").click("Sign out")
    assert signed_out.url.startswith(f"{here}/")
    assert signed_out.text == "Sign in"
    assert party.visitor.open(f"{party.provider.url}/session/status").response.json() == {
        "active": False, "idle_seconds": 0, "overall_seconds": 0, "seconds_left": 0,
    }  # fmt: skip


def _refuses_forgeries(party: RelyingParty, here: str, *, has_receiver: bool) -> None:
    """An answer that nobody asked for, and logout tokens that nobody signed."""
    forged = f"{here}/callback?code=x&state=y&iss={party.provider.url}"
    assert party.visitor.open(forged).status == 400
    for token in ("x", "eyJhbGciOiJub25lIn0.e30.") if has_receiver else ():
        answer = party.visitor.send("POST", f"{here}/backchannel-logout", {"logout_token": token})
        assert answer.status == 400


def test_the_walk_with_curl(register_party: Register, tmp_path: Path) -> None:
    party = register_party("example-curl")
    variables = {
        "ISSUER": party.provider.url,
        "CLIENT_ID": party.client_id,
        "CLIENT_SECRET": party.secret or "",
        "REDIRECT_URI": party.redirect_uri,
    }
    path = {"PATH": with_programs(tmp_path), "no_proxy": "localhost"}
    with subprocess.Popen(
        ["sh", EXAMPLES / "walk.sh"],
        env=dict(os.environ) | variables | path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as shell:
        assert shell.stdin
        assert shell.stdout
        heard = ""
        while "paste the address" not in heard:
            line = shell.stdout.readline()
            assert line, heard
            heard += line
        address = re.findall(r"^http\S+request_uri=\S+$", heard, re.MULTILINE)[0]
        shell.stdin.write(f"{party.came_back(party.browse(address))}\n")
        shell.stdin.flush()
        heard += shell.stdout.read()
    assert shell.returncode == 0, heard
    assert heard.count('"token_type": "Bearer"') == 2, heard
    assert f'"preferred_username": "{party.person["username"]}"' in heard
    end = re.findall(r"^http\S+id_token_hint=\S+$", heard, re.MULTILINE)[0]
    assert party.visitor.open(end).heading == "You are signed out"
