"""Every page of what takes a day or is undone later: factors replaced, accounts closed or taken."""

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys import steps_waits as waits
from tests.journeys.looking import Looker
from tests.journeys.steps_provider import Person
from tests.parts.provider import Provider


def replace_the_factor(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the pages of somebody whose phone is gone, up to a new one."""
    say, walker = looker.language, looker.walker
    walker.open(f"{provider.url}/sign-in")
    steps.enter_password(walker, person)
    walker.follow(translate(say, "I have none of these"))
    looker.look("lost-factor")
    walker.send({}, translate(say, "Send a code"))
    looker.look("lost-factor-code")
    walker.send({"code": "00000000"}, translate(say, "Begin the wait"))
    looker.look("lost-factor-code-errors")
    mail = steps.open_mail(walker.tab(), provider, person, subject=waits.RECOVERY_CODE)
    walker.send({"code": mail.code}, translate(say, "Begin the wait"))
    looker.look("lost-factor-waiting")
    walker.follow(translate(say, "I have found my passkey, app or codes: sign in"))
    looker.look("mfa-recovery-banner")
    waits.pass_a_day(provider)
    set_up_anew(looker, provider, person)


def set_up_anew(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at what the second link leads to; nothing of the former factor is left then."""
    say, walker = looker.language, looker.walker
    mail = steps.open_mail(walker.tab(), provider, person, subject=waits.RECOVERY_READY)
    looker.open(mail.link_to("/lost-factor/cancel"), "lost-factor-cancel")
    looker.open(mail.link_to("/lost-factor/replace"), "lost-factor-replace")
    onward = translate(say, "End the old factors and continue")
    walker.send({"password": "not the password 9"}, onward)
    looker.look("lost-factor-replace-errors")
    walker.send({"password": person.password}, onward)
    looker.look("lost-factor-enroll")
    steps.enrol(walker, provider, person)
    assert walker.heading == translate(say, "Your account"), walker.text
    looker.open(mail.link_to("/lost-factor/replace"), "lost-factor-link-dead")
    steps.sign_out(walker, provider)


def cancel_the_replacement(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at cancelling by the mail, and at what is said when it was asked too often."""
    say, walker = looker.language, looker.walker
    waits.lose_the_factor(walker, provider, person, count=2)
    mail = steps.open_mail(walker.tab(), provider, person, subject=waits.RECOVERY_ASKED, count=2)
    walker.open(mail.link_to("/lost-factor/cancel"))
    walker.send({}, translate(say, "Cancel the replacement"))
    looker.look("lost-factor-cancelled")
    walker.open(f"{provider.url}/sign-in")
    steps.enter_password(walker, person)
    walker.follow(translate(say, "I have none of these"))
    looker.look("lost-factor-too-many")


def ask_without_the_password(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at where a reset ends without a factor: the mailbox is one proof only."""
    say, walker = looker.language, looker.walker
    waits.ask_for_a_new_password(walker, provider, person)
    walker.follow(translate(say, "I have none of these"))
    looker.look("lost-factor-desk")


def close(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at closing the account, at the way back, and at the links of the mail."""
    say, walker = looker.language, looker.walker
    walker.open(f"{provider.url}/sign-in")
    steps.sign_in(walker, provider, person)
    looker.open(f"{provider.url}/account/close", "close")
    walker.send({}, translate(say, "Close my account"))
    looker.look("close-errors")
    waits.close_the_account(walker, provider, person)
    looker.look("close-asked")
    walker.open(f"{provider.url}/sign-in")
    steps.sign_in(walker, provider, person)
    looker.look("closing")
    mail = steps.open_mail(walker.tab(), provider, person, subject=waits.CLOSING)
    looker.open(mail.link, "keep-account")
    walker.send({}, translate(say, "Keep my account"))
    looker.look("keep-account-done")
    looker.open(mail.link, "keep-account-link-dead")


def undo_the_change(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at undoing a change of address from the former mailbox."""
    walker = looker.walker
    waits.change_the_address(walker, provider, person)
    mail = steps.open_mail(walker.tab(), provider, person, subject=waits.EMAIL_CHANGED)
    looker.open(mail.link_to("/email-undo"), "email-undo")
    walker.send({}, translate(looker.language, "Undo the change"))
    looker.look("email-undone")
    looker.open(mail.link_to("/email-undo"), "email-undo-link-dead")
