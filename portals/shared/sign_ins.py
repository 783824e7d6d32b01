"""Sign-ins that were started and wait for the browser to come back from the provider."""

import json
from dataclasses import asdict, dataclass

from portals.shared.database import Database
from portals.shared.secrets_kept import SealBroken, seal, secret_hash, unseal
from portals.shared.sessions import VISITOR_SECONDS


@dataclass(frozen=True)
class Begun:
    """What the answer of the provider must match, and where the person was going."""

    nonce: str
    code_verifier: str
    goal: str


def keep(database: Database, cookie: str, state: str, begun: Begun, now: int) -> None:
    """Remember a started sign-in, bound to this browser session and sealed under its cookie."""
    key, hashed = secret_hash(cookie), secret_hash(state)
    sealed = seal(cookie, json.dumps(asdict(begun)).encode(), bound_to=hashed)
    ends = now + VISITOR_SECONDS
    with database.writing() as rows:
        rows.execute("INSERT INTO sign_ins VALUES (?, ?, ?, ?)", (hashed, key, sealed, ends))
        rows.execute(
            "UPDATE sessions SET expires_at = ? WHERE key = ? AND sub IS NULL", (ends, key)
        )


def take(database: Database, cookie: str, state: str, now: int) -> Begun | None:
    """Consume a started sign-in in one statement, so that no answer counts twice.

    Returns None when the state is unknown, used, too old, or belongs to another browser
    (RFC 6749 section 10.12; RFC 9700 section 2.1).
    """
    hashed = secret_hash(state)
    with database.writing() as rows:
        row = rows.execute(
            "DELETE FROM sign_ins WHERE state = ? AND session_key = ? AND expires_at > ?"
            " RETURNING sealed",
            (hashed, secret_hash(cookie), now),
        ).fetchone()
    if row is None:
        return None
    try:
        return Begun(**json.loads(unseal(cookie, row["sealed"], bound_to=hashed)))
    except SealBroken:
        return None
