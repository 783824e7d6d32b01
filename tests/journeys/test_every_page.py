"""Every page in both languages, wide and narrow: accessible, whole, never scrolling sideways."""

import json
import re

import pytest

from tests.journeys import (
    tour_applications,
    tour_portals,
    tour_registration,
    tour_security,
    tour_sign_in,
)
from tests.journeys.looking import Looker
from tests.journeys.steps import InBrowser
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(400)]

# What is asked for by GET and is no page of ours that a person reads.
_NO_PAGES = {
    "/.well-known/oauth-authorization-server": "for programs",
    "/.well-known/openid-configuration": "for programs",
    "/health/live": "for programs",
    "/health/ready": "for programs",
    "/oidc/jwks": "for programs",
    "/oidc/userinfo": "for programs",
    "/oidc/authorize/resume": "leads on to the application",
    "/session/status": "for scripts",
    "/static/<path:filename>": "files",
    "/verify-email/link": "leads on to /verify-email/confirm",
    "/unlock/link": "leads on to /unlock/confirm",
    "/dev/mailbox/<mail_id>/html": "a mail, made for mail programs",
    "/docs/api/json": "for programs",
    "/oidc/register/<client_id>": "for programs",
}
_OF_APPLICATIONS = ("/oidc/", "/dev/client", "/docs/", "/account/applications")


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_the_provider_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    tour_sign_in.go_astray(looker, provider)
    person = tour_registration.walk(looker, chromium, provider)
    tour_security.walk(looker, chromium, provider)
    tour_sign_in.look_around_signed_in(looker, provider)
    tour_sign_in.sign_in(looker, provider, person)
    tour_sign_in.be_locked_out(looker, provider, person)

    looker.assert_nothing_found()
    own = [path for path in pages(provider) if not path.startswith(_OF_APPLICATIONS)]
    assert not [path for path in own if not is_visited(path, looker.visited)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_that_applications_lead_to_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    tour_applications.be_a_developer(looker, provider)
    tour_applications.allow_an_application(looker, provider)
    tour_applications.connect_a_device(looker, provider)
    tour_applications.be_signed_out_by_an_application(looker, provider)

    looker.assert_nothing_found()
    theirs = [path for path in pages(provider) if path.startswith(_OF_APPLICATIONS)]
    assert not [path for path in theirs if not is_visited(path, looker.visited)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_the_portals_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    tour_portals.stay_outside(looker, provider)
    tour_portals.come_in(looker, provider)
    tour_portals.be_idle(looker, provider)
    looker.assert_nothing_found()


def pages(provider: Provider) -> list[str]:
    """Return the pages of the provider by what it says itself of its routes."""
    routes = json.loads(provider.idp("routes", "--json"))
    found = [route["path"] for route in routes if "GET" in route["methods"]]
    assert set(_NO_PAGES) <= set(found), "an exception names a route that is gone"
    return [path for path in found if path not in _NO_PAGES]


def is_visited(path: str, visited: set[str]) -> bool:
    """Tell whether a page, whose path may hold a <variable>, was looked at."""
    pattern = re.compile(re.sub(r"<[^>]+>", "[^/]+", path))
    return any(pattern.fullmatch(one) for one in visited)
