"""Form Post Basic OP: the modules of Basic OP with response_mode=form_post."""

from dataclasses import replace

import pytest

from tests.oidc.certification.basic import MODULES
from tests.oidc.certification.suite import Suite
from tests.parts.browserless import Visitor

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("module", MODULES)
def test_form_post_basic(module: str, suite: Suite, visitor: Visitor) -> None:
    MODULES[module](replace(suite, response_mode="form_post"), visitor)
