"""What docs/examples/walk.sh asks of curl and openssl, for a machine that has neither.

The walk is a shell script for people; its requests and its order are what the test is about. Where
the real programs are installed, they run.
"""

import base64
import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote_plus

import httpx

_CONFIGURED = re.compile(r'(\w+) = "(.*)"')
_REFUSED = 22  # curl's own exit code for --fail
_SERVER_SAYS_NO = 400


def with_programs(folder: Path, programs: Sequence[str] = ("curl", "openssl")) -> str:
    """Return a PATH on which the programs are found; missing ones are put into the folder."""
    for name in programs:
        if shutil.which(name) is None:
            script = folder / name
            script.write_text(
                f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__)}" {name} "$@"\n',
                encoding="utf-8",
            )
            script.chmod(0o755)
    return os.pathsep.join((str(folder), os.environ["PATH"]))


def curl(arguments: Sequence[str]) -> int:
    """Send one request: --data-urlencode, --fail, and `--config -` with user and header lines."""
    rest, fields, configured = iter(arguments), [], {}
    addresses, fails = [], False
    for argument in rest:
        if argument == "--data-urlencode":
            name, _, value = next(rest).partition("=")
            fields.append(f"{name}={quote_plus(value)}")
        elif argument == "--config":
            next(rest)
            configured = dict(_CONFIGURED.findall(sys.stdin.read()))
        elif argument == "--fail":
            fails = True
        elif not argument.startswith("--"):
            addresses.append(argument)
    answer = _send(addresses[0], fields, configured)
    sys.stdout.write(answer.text)
    return _REFUSED if fails and answer.status_code >= _SERVER_SAYS_NO else 0


def _send(address: str, fields: Sequence[str], configured: dict[str, str]) -> httpx.Response:
    name, _, value = configured.get("header", "").partition(": ")
    headers = {name: value} if name else {}
    user = configured.get("user", "").partition(":")
    auth = (user[0], user[2]) if user[0] else None
    body = "&".join(fields) if fields else None
    if fields:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    with httpx.Client(trust_env=False, timeout=30) as client:
        method = "POST" if fields else "GET"
        return client.request(method, address, headers=headers, auth=auth, content=body)


def openssl(arguments: Sequence[str]) -> int:
    """`rand -hex N`, `dgst -sha256 -binary`, `base64 -A` and `base64 -d -A`."""
    asked = tuple(arguments)
    if asked[:2] == ("rand", "-hex"):
        sys.stdout.write(f"{secrets.token_hex(int(asked[2]))}\n")
        return 0
    made: dict[tuple[str, ...], Callable[[bytes], bytes]] = {
        ("dgst", "-sha256", "-binary"): lambda text: hashlib.sha256(text).digest(),
        ("base64", "-A"): base64.b64encode,
        ("base64", "-d", "-A"): base64.b64decode,
    }
    sys.stdout.buffer.write(made[asked](sys.stdin.buffer.read()))
    return 0


if __name__ == "__main__":
    sys.exit({"curl": curl, "openssl": openssl}[sys.argv[1]](sys.argv[2:]))
