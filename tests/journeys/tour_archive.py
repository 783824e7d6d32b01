"""What somebody finds whose account was archived because nobody had used it for very long."""

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys import steps_waits as waits
from tests.journeys.looking import Looker
from tests.parts.provider import Provider

_RESTORE = "Bring your account back"


def come_back(looker: Looker, provider: Provider) -> None:
    """Look at the pages of the link that a right password brings by mail."""
    say, walker = looker.language, looker.walker
    person = steps.become(walker, provider)
    walker.page.context.clear_cookies()
    waits.stay_away_until_archived(provider)
    walker.open(f"{provider.url}/sign-in")
    steps.enter_password(walker, person)
    looker.look("sign-in-archived")
    mail = steps.open_mail(walker.tab(), provider, person, subject=_RESTORE)
    looker.open(mail.link_to("/restore-account"), "restore-account")
    walker.send({}, translate(say, "Bring my account back"))
    looker.look("restore-account-done")
    looker.open(mail.link_to("/restore-account"), "restore-account-link-dead")
