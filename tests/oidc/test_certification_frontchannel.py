"""Front-channel logout: two modules."""

import pytest

from tests.oidc.certification.logout import FRONTCHANNEL
from tests.oidc.certification.suite import Suite
from tests.parts.browserless import Visitor

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("module", FRONTCHANNEL)
def test_frontchannel(module: str, suite: Suite, visitor: Visitor) -> None:
    FRONTCHANNEL[module](suite, visitor)
