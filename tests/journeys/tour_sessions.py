"""Every page of one's own sessions and history, and of "this wasn't me"."""

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.looking import Looker
from tests.journeys.steps_provider import Person
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider


def walk(looker: Looker, chromium: Chromium, provider: Provider) -> None:
    """Look at them all, as somebody of one's own who also signs in elsewhere."""
    with looker.at(chromium.person(language=looker.language)) as walker:
        person = steps.become(walker, provider)
        with looker.at(chromium.person(language=looker.language)) as elsewhere:
            elsewhere.open(f"{provider.url}/sign-in")
            steps.sign_in(elsewhere, provider, person)
        end_things(looker, provider)
        disavow(looker, provider, person)


def end_things(looker: Looker, provider: Provider) -> None:
    """Look at where one is signed in and what happened, and end all else."""
    say, walker = looker.language, looker.walker
    looker.open(f"{provider.url}/account/sessions", "sessions")
    walker.send({}, translate(say, "End every other sign-in"))
    looker.look("sessions-ended")
    looker.open(f"{provider.url}/account/activity", "activity")


def disavow(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at what the link of the mail leads to, and at a password that must be reset then."""
    say, walker = looker.language, looker.walker
    subject = "New sign-in to your account"
    mail = steps.open_mail(walker.tab(), provider, person, subject=subject)
    looker.open(mail.link, "not-me")
    walker.send({}, translate(say, "It was not me, protect my account"))
    looker.look("not-me-done")
    looker.open(mail.link, "not-me-link-dead")
    walker.open(f"{provider.url}/sign-in")
    steps.enter_password(walker, person)
    looker.look("must-reset")
