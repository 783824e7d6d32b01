"""The two codes of a device. RFC 8628 §3.2 and §6.1."""

import secrets

from idp.foundation.ids import secret_hash

# §6.1: consonants alone spell no words, and none of them is mistaken for a digit. 20^8 codes.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 8
_HALF = _LENGTH // 2


def new_user_code() -> str:
    """Return a code that a person types, as it is kept: eight letters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))


def shown(user_code: str) -> str:
    """Return a code as people read it."""
    return f"{user_code[:_HALF]}-{user_code[_HALF:]}"


def typed(text: str) -> str | None:
    """Return the code in what was typed: however it was written, or None where it is none."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    is_code = len(letters) == _LENGTH and set(letters) <= set(ALPHABET)
    return letters if is_code else None


def grant_hash(device_code_hash: str) -> str:
    """Return what stands for the device code at the grant it becomes.

    Another hash than the one an authorization code would have, so that neither kind of code can
    be redeemed as the other.
    """
    return secret_hash(f"device {device_code_hash}")
