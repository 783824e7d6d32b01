"""Every page in both languages, wide and narrow: accessible, whole, never scrolling sideways."""

import json
import re

import pytest

from tests.journeys import steps_provider as steps
from tests.journeys import (
    tour_account,
    tour_applications,
    tour_archive,
    tour_forgotten,
    tour_mails,
    tour_portals,
    tour_registration,
    tour_security,
    tour_sessions,
    tour_sign_in,
    tour_waits,
)
from tests.journeys.looking import Looker
from tests.journeys.steps import InBrowser
from tests.parts.chromium import Chromium
from tests.parts.fixtures import StartProvider
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
    "/forgot-password/link": "leads on to /forgot-password/confirm",
    "/account/email/link": "leads on to /account/email/confirm",
    "/email-undo/link": "leads on to /email-undo",
    "/not-me/link": "leads on to /not-me",
    "/lost-factor/cancel/link": "leads on to /lost-factor/cancel",
    "/lost-factor/replace/link": "leads on to /lost-factor/replace",
    "/keep-account/link": "leads on to /keep-account",
    "/restore-account/link": "leads on to /restore-account",
    "/dev/mailbox/<mail_id>/html": "a mail, made for mail programs",
    "/docs/api/json": "for programs",
    "/oidc/register/<client_id>": "for programs",
}
# Which tour looks at which pages; all others belong to the first one.
_OF_APPLICATIONS = ("/oidc/", "/dev/client", "/docs/", "/account/applications")
_OF_ACCOUNTS = (
    *("/account/profile", "/account/email", "/account/sessions", "/account/activity"),
    *("/account/data", "/account/security", "/session/resume", "/terms/accept", "/forgot-"),
    *("/sign-in/mfa/passkey", "/sign-in/passkey", "/not-me"),
)
_OF_WAITS = ("/lost-factor", "/account/clos", "/keep-account", "/email-undo")
_OF_ARCHIVE = ("/restore-account",)
_OF_OTHERS = (*_OF_APPLICATIONS, *_OF_ACCOUNTS, *_OF_WAITS, *_OF_ARCHIVE)

in_both_languages = pytest.mark.parametrize("language", ["en", "es"])


@in_both_languages
def test_every_page_of_the_provider_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    tour_sign_in.go_astray(looker, provider)
    person = tour_registration.walk(looker, chromium, provider)
    tour_sign_in.look_around_signed_in(looker, provider)
    tour_sign_in.sign_in(looker, provider, person)
    tour_sign_in.be_locked_out(looker, chromium, provider, person)
    looker.assert_nothing_found()
    own = [path for path in pages(provider) if not path.startswith(_OF_OTHERS)]
    assert not [path for path in own if not is_visited(path, looker.visited)]


@in_both_languages
def test_every_page_of_an_account_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    person = steps.become(looker.walker, provider)
    tour_account.accept_new_terms(looker, provider, person)
    tour_account.walk(looker, provider, person)
    looker.walker.page.context.clear_cookies(name="idp")
    tour_forgotten.forget_the_username(looker, provider, person)
    tour_forgotten.forget_the_password(looker, provider, person)
    tour_forgotten.change_the_password(looker, provider, person)
    tour_security.walk(looker, chromium, provider)
    tour_sessions.walk(looker, chromium, provider)
    tour_mails.walk(looker, chromium, provider)
    assert_looked_at(looker, provider, _OF_ACCOUNTS)


@in_both_languages
def test_every_page_of_what_takes_a_day_or_is_undone_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    person = steps.become(looker.walker, provider)
    steps.sign_out(looker.walker, provider)
    tour_waits.replace_the_factor(looker, provider, person)
    tour_waits.cancel_the_replacement(looker, provider, person)
    tour_waits.ask_without_the_password(looker, provider, person)
    tour_waits.close(looker, provider, person)
    looker.walker.page.context.clear_cookies()
    tour_waits.undo_the_change(looker, provider, steps.become(looker.walker, provider))
    tour_mails.walk(looker, chromium, provider)
    assert_looked_at(looker, provider, _OF_WAITS)


@in_both_languages
def test_every_page_of_an_archived_account_is_whole(
    chromium: Chromium, start_provider: StartProvider, language: str
) -> None:
    """On a provider of its own: more than a year goes by."""
    provider = start_provider()
    looker = Looker(InBrowser(chromium.person(language=language), language))
    tour_archive.come_back(looker, provider)
    tour_mails.walk(looker, chromium, provider)
    assert_looked_at(looker, provider, _OF_ARCHIVE)


@in_both_languages
def test_every_page_that_applications_lead_to_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    tour_applications.be_a_developer(looker, provider)
    tour_applications.allow_an_application(looker, provider)
    tour_applications.connect_a_device(looker, provider)
    tour_applications.be_signed_out_by_an_application(looker, provider)
    assert_looked_at(looker, provider, _OF_APPLICATIONS)


@in_both_languages
def test_every_page_of_the_portals_is_whole(
    chromium: Chromium, provider: Provider, language: str
) -> None:
    looker = Looker(InBrowser(chromium.person(language=language), language))
    tour_portals.stay_outside(looker, provider)
    tour_portals.come_in(looker, provider)
    tour_portals.be_idle(looker, provider)
    looker.assert_nothing_found()


def assert_looked_at(looker: Looker, provider: Provider, beginnings: tuple[str, ...]) -> None:
    """Fail with everything that was found, and with pages of a tour that it left out."""
    looker.assert_nothing_found()
    wanted = [path for path in pages(provider) if path.startswith(beginnings)]
    assert not [path for path in wanted if not is_visited(path, looker.visited)]


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
