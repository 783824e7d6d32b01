"""Every page of the three portals."""

from portals.shared.language import translate
from tests.journeys import steps_portals as portals
from tests.journeys import steps_provider as steps
from tests.journeys.looking import Looker
from tests.parts.provider import Provider
from tools.demonstration import PORTALS

_OWN = {"provider": ["/getting-started"], "recipient": [], "operations": ["/second-factor"]}
_SHARED = ("/help", "/legal", "/privacy", "/notice", "/nowhere")


def stay_outside(looker: Looker, provider: Provider) -> None:
    """Look at what everybody may read."""
    for portal in PORTALS:
        address = provider.demo.portal_url(portal)
        looker.open(f"{address}/", portal)
        for path in [*_SHARED, *_OWN[portal]]:
            looker.open(f"{address}{path}", f"{portal}-{path[1:]}")
    looker.open(f"{address}/callback?state=unknown", "portal-sign-in-stale")


def come_in(looker: Looker, provider: Provider) -> None:
    """Look at each secure part as somebody who may enter, and at the refusals."""
    enter_as(looker, provider, "oadmin", "provider")
    portals.open_secure(looker.walker, provider, "operations")
    looker.look("operations-refused")
    portals.open_secure(looker.walker, provider, "recipient")
    looker.look("recipient-as-business")
    leave(looker, provider)
    enter_as(looker, provider, "sworker", "operations")
    portals.open_secure(looker.walker, provider, "provider")
    looker.look("provider-no-access")
    leave(looker, provider)
    enter_as(looker, provider, "rrecipient", "recipient")


def enter_as(looker: Looker, provider: Provider, username: str, portal: str) -> None:
    """Sign in on the way to a portal and look at its secure part."""
    portals.open_secure(looker.walker, provider, portal)
    steps.sign_in(looker.walker, provider, steps.seeded(provider, username))
    looker.look(f"{portal}-secure")


def leave(looker: Looker, provider: Provider) -> None:
    """Look at the question, at the pages of the end, and at what the other portals say."""
    walker = looker.walker
    before = portals.all_notices(provider)
    looker.open(f"{provider.demo.portal_url('provider')}/sign-out", "portal-sign-out")
    walker.send({}, translate(looker.language, "Yes, sign out"))
    looker.look("portal-signed-out")
    portals.wait_until(lambda: portals.all_notices(provider) != before)
    for portal in ("recipient", "operations"):
        looker.open(f"{provider.demo.portal_url(portal)}/secure", f"{portal}-session-ended")


def be_idle(looker: Looker, provider: Provider) -> None:
    """Look at the warning, and at the page after nobody answered it."""
    walker = looker.walker
    address = provider.demo.portal_url("recipient")
    looker.open(f"{address}/session/check", "portal-session-check")
    walker.open(f"{address}/secure")
    provider.move_clock(800)
    walker.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    walker.page.locator("dialog[open]").wait_for()
    looker.look("portal-idle-dialog")
    provider.move_clock(101)
    looker.open(f"{address}/secure", "portal-idle")
