"""Every page of signing in, of being locked out and in again, and of the account."""

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.looking import Looker
from tests.journeys.steps_provider import Person
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider

_WRONG = "not the password 9"
_FAILURES, _CODE_FAILURES = 5, 10


def look_around_signed_in(looker: Looker, provider: Provider) -> None:
    """Look at the account, at the warning, and at the ways out."""
    say, walker = looker.language, looker.walker
    looker.open(f"{provider.url}/account/security", "account-security")
    looker.open(f"{provider.url}/session/ended", "session-still-alive")
    looker.open(f"{provider.url}/account", "account")
    provider.move_clock(800)
    walker.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    walker.page.locator("dialog[open]").wait_for()
    looker.look("idle-dialog")
    walker.page.get_by_role("button", name=translate(say, "Stay signed in")).click()
    walker.page.locator("dialog").wait_for(state="hidden")
    looker.open(f"{provider.url}/sign-out", "sign-out")
    walker.send({}, translate(say, "Sign out"))
    looker.look("sign-out-done")
    looker.open(f"{provider.url}/session/ended", "session-ended")


def sign_in(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the pages that ask for the password and for the second factor."""
    say, walker = looker.language, looker.walker
    onward = translate(say, "Continue")
    looker.open(f"{provider.url}/sign-in", "sign-in")
    walker.send({}, translate(say, "Sign in"))
    looker.look("sign-in-errors")
    steps.enter_password(walker, person, _WRONG)
    looker.look("sign-in-refused")
    steps.enter_password(walker, person)
    looker.look("mfa")
    walker.send({}, onward)
    looker.look("mfa-errors")
    walker.follow(translate(say, "Use a recovery code instead"))
    looker.look("mfa-recovery-code")
    walker.send({"code": "ABCD-EFGH-JKMN-PQRS"}, onward)
    looker.look("mfa-recovery-code-errors")
    for _ in range(_CODE_FAILURES - 2):
        walker.send({"code": "ABCD-EFGH-JKMN-PQRS"}, onward)
    looker.look("mfa-few-tries-left")
    walker.send({"code": "ABCD-EFGH-JKMN-PQRS"}, onward)
    looker.look("mfa-locked")


def be_locked_out(looker: Looker, chromium: Chromium, provider: Provider, person: Person) -> None:
    """Look at the pages of somebody who has to wait, or to unlock by mail.

    In a browser that nobody signed in with: others have tries of their own.
    """
    with looker.at(chromium.person(language=looker.language)) as walker:
        walker.open(f"{provider.url}/sign-in")
        for _ in range(_FAILURES + 1):
            steps.enter_password(walker, person, _WRONG)
        looker.look("locked")
        unlock(looker, provider, person)


def unlock(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at unlocking by mail."""
    say, walker = looker.language, looker.walker
    looker.open(f"{provider.url}/unlock", "unlock")
    walker.send({}, translate(say, "Send a code"))
    looker.look("unlock-errors")
    walker.send({"username": person.username}, translate(say, "Send a code"))
    looker.look("unlock-code")
    walker.send({"code": "00000000"}, translate(say, "Unlock"))
    looker.look("unlock-code-errors")
    subject = "Your code to unlock your account"
    mail = steps.open_mail(walker.tab(), provider, person, subject=subject)
    looker.open(mail.link, "unlock-confirm")
    walker.send({}, translate(say, "Unlock"))
    looker.look("unlock-done")
    looker.open(mail.link, "unlock-link-dead")


def go_astray(looker: Looker, provider: Provider) -> None:
    """Look at the first page, the notices, and at what people see who took a wrong turn."""
    walker = looker.walker
    looker.open(f"{provider.url}/", "start")
    for name in ("terms", "privacy", "legal"):
        looker.open(f"{provider.url}/{name}", name)
    looker.open(f"{provider.url}/nowhere", "error-not-found")
    looker.open(f"{provider.url}/unlock/resend", "error-wrong-method")
    looker.open(f"{provider.url}/sign-in?tx=of-yesterday", "stale-tab")
    looker.open(f"{provider.url}/sign-in?next=%00", "error-unreadable")
    walker.open(f"{provider.url}/sign-in")
    walker.page.context.clear_cookies(name="idp")
    walker.send({"username": "x"}, translate(looker.language, "Sign in"))
    looker.look("error-stale-form")
