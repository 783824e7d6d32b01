"""What settings refuse."""

import pytest
from pydantic import ValidationError

from idp.settings import Settings

LOCAL, PUBLIC = "http://localhost:8000", "https://id.example.org"
HERE, ANYWHERE = "127.0.0.1:8000", "0.0.0.0:8000"


def starts(environment: str, issuer: str, bind: str) -> bool:
    """Tell whether a process would start with these settings."""
    try:
        Settings.model_validate({"environment": environment, "issuer": issuer, "bind": bind})
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("environment", "issuer", "bind", "wanted"),
    [
        ("development", LOCAL, HERE, True),
        ("development", PUBLIC, HERE, False),
        ("development", LOCAL, ANYWHERE, False),
        ("test", LOCAL, HERE, True),
        ("test", LOCAL, "[::1]:8000", True),
        ("test", PUBLIC, HERE, False),
        ("test", LOCAL, ANYWHERE, False),
        ("conformance", PUBLIC, HERE, True),
        ("conformance", PUBLIC, ANYWHERE, False),
        ("production", PUBLIC, ANYWHERE, True),
        ("production", LOCAL, HERE, False),
    ],
)
def test_DP_03_what_is_not_production_serves_its_own_machine_alone(
    environment: str, issuer: str, bind: str, *, wanted: bool
) -> None:
    assert starts(environment, issuer, bind) == wanted
