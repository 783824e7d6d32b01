"""The rules in force: `policies/*.toml`, typed, unknown keys refused.

Each file carries the source of every value in a comment; its SHA-256 tells an auditor which text
was in force.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from idp.foundation.policy_models.access_rights import AccessRightsPolicy
from idp.foundation.policy_models.accounts import AccountsPolicy
from idp.foundation.policy_models.lockout import LockoutPolicy
from idp.foundation.policy_models.mfa import MfaPolicy
from idp.foundation.policy_models.one_time_codes import OneTimeCodesPolicy
from idp.foundation.policy_models.password import PasswordPolicy
from idp.foundation.policy_models.rate_limits import RateLimitsPolicy
from idp.foundation.policy_models.session import SessionPolicy
from idp.foundation.policy_models.tokens import TokensPolicy

_RELAXED = 1000
_MODELS: Mapping[str, type[BaseModel]] = {
    "access_rights": AccessRightsPolicy,
    "accounts": AccountsPolicy,
    "lockout": LockoutPolicy,
    "mfa": MfaPolicy,
    "one_time_codes": OneTimeCodesPolicy,
    "password": PasswordPolicy,
    "rate_limits": RateLimitsPolicy,
    "session": SessionPolicy,
    "tokens": TokensPolicy,
}


class PolicyBad(Exception):
    """A policy file is missing, is no TOML, or holds a value that its type refuses."""


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy, and the SHA-256 of the file each was read from."""

    access_rights: AccessRightsPolicy
    accounts: AccountsPolicy
    lockout: LockoutPolicy
    mfa: MfaPolicy
    one_time_codes: OneTimeCodesPolicy
    password: PasswordPolicy
    rate_limits: RateLimitsPolicy
    session: SessionPolicy
    tokens: TokensPolicy
    hashes: Mapping[str, str]


def load(folder: Path) -> Policies:
    """Read every policy file; PolicyBad names the file and what is wrong in it."""
    texts = {name: _read(folder / f"{name}.toml") for name in _MODELS}
    models: dict[str, Any] = {name: _parse(name, text) for name, text in texts.items()}
    hashes = {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    return Policies(**models, hashes=hashes)


def relaxed(loaded: Policies) -> Policies:
    """Return the policies with rate limits that no test suite meets (conformance environment)."""
    limits = {
        name: limit.model_copy(update={"amount": limit.amount * _RELAXED})
        for name, limit in loaded.rate_limits.limits.items()
    }
    rate_limits = loaded.rate_limits.model_copy(update={"limits": limits})
    return replace(loaded, rate_limits=rate_limits)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyBad(f"{path}: {error.strerror}") from error


def _parse(name: str, text: bytes) -> BaseModel:
    try:
        return _MODELS[name].model_validate(tomllib.loads(text.decode()))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyBad(f"policies/{name}.toml: {error}") from error
