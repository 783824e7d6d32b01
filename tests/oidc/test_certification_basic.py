"""Basic OP: 35 modules with static clients, 38 with dynamic ones."""

import pytest

from tests.oidc.certification.basic import MODULES
from tests.oidc.certification.suite import Suite
from tests.parts.browserless import Visitor

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("module", MODULES)
def test_basic(module: str, suite: Suite, visitor: Visitor) -> None:
    MODULES[module](suite, visitor)


def test_every_module_is_here() -> None:
    assert len(MODULES) == 38
