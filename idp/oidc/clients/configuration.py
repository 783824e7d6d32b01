"""Reads config/clients.toml: the clients that belong to an installation.

`${NAME}` in a value is the variable NAME of the caller's environment, and where that is unset the
address of the file's own `[addresses]` table, so that one file serves every place.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from idp.oidc.clients.registration import Registration

_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class ClientsBad(Exception):
    """clients.toml cannot be used; the text names what is wrong in it."""


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    clients: tuple[Registration, ...] = ()


def read(path: Path, variable: Callable[[str, str], str]) -> tuple[Registration, ...]:
    """Return the clients of a file.

    variable: gives a variable of the environment, or the second text where it is unset.
    ClientsBad when the file is missing, is no TOML, or holds a key or a value it should not.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        addresses = content.pop("addresses", {})
        filled = _filled(content, addresses, variable)
        return _File.model_validate(filled).clients
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ClientsBad(f"{path.name}: {error}") from error


def _filled(
    value: object, addresses: Mapping[str, str], variable: Callable[[str, str], str]
) -> object:
    if isinstance(value, dict):
        return {key: _filled(item, addresses, variable) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, addresses, variable) for item in value]
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _address(found[1], addresses, variable), value)
    return value


def _address(name: str, addresses: Mapping[str, str], variable: Callable[[str, str], str]) -> str:
    value = variable(name, addresses.get(name, ""))
    if not value:
        raise ClientsBad(f"clients.toml: {name} is neither set nor given under [addresses]")
    return value
