"""Front-channel logout: two modules."""

from urllib.parse import urlencode

import pytest

from tests.oidc.certification.logout import FRONTCHANNEL
from tests.oidc.certification.suite import USERNAME, Suite
from tests.parts.browserless import Visitor
from tests.parts.chromium import Chromium

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("module", FRONTCHANNEL)
def test_frontchannel(module: str, suite: Suite, visitor: Visitor) -> None:
    FRONTCHANNEL[module](suite, visitor)


@pytest.mark.browser
@pytest.mark.parametrize("has_javascript", [True, False])
def test_a_real_browser_tells_the_application_and_goes_on(
    suite: Suite, chromium: Chromium, *, has_javascript: bool
) -> None:
    """By the page's script at once, by the Refresh header after some seconds without it."""
    page = chromium.person(has_javascript=has_javascript)
    request = suite.request(state="arrived")
    page.goto(f"{suite.metadata['authorization_endpoint']}?{urlencode(request)}")
    page.fill("#username", USERNAME)
    page.fill("#password", suite.password)
    page.click("form[action='/sign-in'] button[type='submit']")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    if "/oidc/consent" in page.url:
        page.click("button[name='decision'][value='allow']")
    page.wait_for_url(f"{suite.base}/callback**")
    code = suite.listener.arrivals[-1].query["code"]
    hint = suite.check_tokens(suite.redeem(code))["id_token"]
    since = len(suite.listener.arrivals)
    away = {"id_token_hint": hint, "post_logout_redirect_uri": f"{suite.base}/post_logout_redirect"}
    page.goto(f"{suite.metadata['end_session_endpoint']}?{urlencode(away)}")
    page.wait_for_url(f"{suite.base}/post_logout_redirect**")
    names = [one.name for one in suite.listener.arrivals[since:] if one.method == "GET"]
    assert names.index("frontchannel_logout") < names.index("post_logout_redirect")
