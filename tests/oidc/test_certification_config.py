"""Config OP: one module."""

import pytest

from tests.oidc.certification.configuration import MODULES
from tests.oidc.certification.suite import Suite
from tests.parts.browserless import Visitor

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("module", MODULES)
def test_config(module: str, suite: Suite, visitor: Visitor) -> None:
    MODULES[module](suite, visitor)
