"""Key files: where sealing, digest, pepper and audit keys come from.

Each file `<purpose>.keys` holds one `kid base64` pair a line; the last line is the active key,
the others only open what they closed. They live outside of the database and of its backups.
"""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PURPOSES = ("sealing", "digest", "pepper", "audit")
_KEY_BYTES = 32
_FEWEST_DISTINCT_BYTES = 8


class KeyFileBad(Exception):
    """A key file is missing, readable by others, or holds a key that is too short."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys of one purpose by key id, and the one that closes new things."""

    active_kid: str
    keys: Mapping[str, bytes]

    @property
    def active(self) -> bytes:
        """The key for new values."""
        return self.keys[self.active_kid]

    @property
    def first(self) -> bytes:
        """The oldest key: for look-ups that must not change when a key is added."""
        return next(iter(self.keys.values()))


def make_missing(folder: Path) -> list[str]:
    """Create the key files that do not exist yet; return the purposes that were made.

    Safe when several processes start at once: only one of them creates a file, in one step.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [purpose for purpose in PURPOSES if _make(folder / f"{purpose}.keys")]


def read(folder: Path, purpose: str) -> KeyRing:
    """Read one key file; KeyFileBad says what is wrong with it and what to do."""
    path = folder / f"{purpose}.keys"
    if not path.exists():
        raise KeyFileBad(f"{path} is missing: run `idp secrets init` once and keep it safe")
    if path.stat().st_mode & 0o077:
        raise KeyFileBad(f"{path} can be read by others: run `chmod 600` on it")
    keys = dict(_parse(path, line) for line in path.read_text().splitlines() if line.strip())
    if not keys:
        raise KeyFileBad(f"{path} holds no key")
    return KeyRing(active_kid=list(keys)[-1], keys=keys)


def _parse(path: Path, line: str) -> tuple[str, bytes]:
    kid, _, text = line.strip().partition(" ")
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise KeyFileBad(f"{path}: key {kid!r} is not base64") from error
    if len(key) < _KEY_BYTES or len(set(key)) < _FEWEST_DISTINCT_BYTES:
        raise KeyFileBad(f"{path}: key {kid!r} is too short or no random key")
    return kid, key


def _make(path: Path) -> bool:
    if path.exists():
        return False
    line = f"{secrets.token_hex(4)} {base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}\n"
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(line)
    try:
        os.link(draft, path)  # fails when another process was first: its key is the key
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
