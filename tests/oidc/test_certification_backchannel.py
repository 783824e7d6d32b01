"""Back-channel logout: two modules."""

import pytest

from tests.oidc.certification.logout import BACKCHANNEL
from tests.oidc.certification.suite import Suite
from tests.parts.browserless import Visitor

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("module", BACKCHANNEL)
def test_backchannel(module: str, suite: Suite, visitor: Visitor) -> None:
    BACKCHANNEL[module](suite, visitor)
