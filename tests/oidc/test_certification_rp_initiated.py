"""RP-initiated logout: eleven modules."""

import pytest

from tests.oidc.certification.logout import RP_INITIATED
from tests.oidc.certification.suite import Suite
from tests.parts.browserless import Visitor

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("module", RP_INITIATED)
def test_rp_initiated(module: str, suite: Suite, visitor: Visitor) -> None:
    RP_INITIATED[module](suite, visitor)
