"""The steps of what takes a day or is undone later, for somebody at any kind of browser."""

import sqlite3
from dataclasses import replace

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.steps import Walker
from tests.journeys.steps_provider import Person
from tests.parts.provider import Provider

RECOVERY_CODE = "Your code for a new second factor"
RECOVERY_ASKED = "Your second factor is about to be replaced"
RECOVERY_READY = "Set up your new second factor"
PASSWORD_RESET = "Your code to reset your password"
CLOSING = "Your account is about to be closed"
NEW_SIGN_IN = "New sign-in to your account"
EMAIL_CHANGED = "Your email addresses were changed"
_NEW_ADDRESS = "Confirm your new email address"
_NEW_PASSWORD = "Quiet mill-pond 42"
_DAY, _A_LITTLE = 86_400, 60
# To the first notice, and from one to the next: policies/accounts.toml.
_SILENCE = (367, 61, 10, 15, 8)


def pass_a_day(provider: Provider) -> None:
    """Let a whole day go by, and let a worker do what is due then."""
    provider.move_clock(_DAY + _A_LITTLE)
    provider.idp("worker", "--once")


def lose_the_factor(walker: Walker, provider: Provider, person: Person, *, count: int = 1) -> None:
    """Sign in without the factor: with the password and the mailbox the wait begins.

    count: how many times it was done, this one included.
    """
    say, begin = walker.language, translate(walker.language, "Begin the wait")
    walker.open(f"{provider.url}/sign-in")
    steps.enter_password(walker, person)
    walker.follow(translate(say, "I have none of these"))
    walker.send({}, translate(say, "Send a code"))
    mail = steps.open_mail(walker.tab(), provider, person, subject=RECOVERY_CODE, count=count)
    walker.send({"code": mail.code}, begin)
    assert walker.heading == translate(say, "A new second factor: what comes next"), walker.text


def ask_for_a_new_password(walker: Walker, provider: Provider, person: Person) -> None:
    """Prove the mailbox; the second factor is asked for then."""
    say = walker.language
    walker.open(f"{provider.url}/forgot-password")
    walker.send({"username": person.email}, translate(say, "Send a code"))
    mail = steps.open_mail(walker.tab(), provider, person, subject=PASSWORD_RESET)
    walker.send({"code": mail.code}, translate(say, "Continue"))


def choose_a_new_password(walker: Walker, provider: Provider, person: Person) -> None:
    """Reset the password by mailbox and app; the person knows the new one from then on."""
    say = walker.language
    ask_for_a_new_password(walker, provider, person)
    steps.show_app(walker, provider, person)
    chosen = {"new_password": _NEW_PASSWORD, "confirm_password": _NEW_PASSWORD}
    walker.send(chosen, translate(say, "Set new password"))
    assert walker.heading == translate(say, "Your password was changed"), walker.text
    person.password = _NEW_PASSWORD


def close_the_account(walker: Walker, provider: Provider, person: Person) -> None:
    """Begin the day after which the account is gone."""
    walker.open(f"{provider.url}/account/close")
    walker.send({"username": person.username}, translate(walker.language, "Close my account"))


def change_the_address(walker: Walker, provider: Provider, person: Person) -> Person:
    """Have mail sent elsewhere; returns the person as the new mailbox knows them."""
    say, owner = walker.language, replace(person, mailbox=f"new.{person.email}")
    walker.open(f"{provider.url}/account/email/new")
    values = {"email": owner.email, "confirm_email": owner.email}
    walker.send(values, translate(say, "Send a code"))
    mail = steps.open_mail(walker.tab(), provider, owner, subject=_NEW_ADDRESS)
    walker.send({"code": mail.code}, translate(say, "Confirm"))
    return owner


def stay_away_until_archived(provider: Provider) -> None:
    """Let the months of silence go by, and every notice before the end with its days."""
    for days in _SILENCE:
        provider.move_clock(days * _DAY)
        provider.idp("worker", "--once")


def owe_terms(provider: Provider, person: Person) -> None:
    """Let the version of the terms that somebody accepted be one of the past."""
    file = next(provider.folder.glob("**/idp*.sqlite3"))
    with sqlite3.connect(file) as rows:
        owner = "(SELECT id FROM account WHERE username = ?)"
        statement = f"UPDATE terms_acceptance SET version = '2020-01' WHERE account_id = {owner}"  # noqa: S608
        rows.execute(statement, [person.username])
        rows.execute(
            "UPDATE account SET terms_version = '2020-01' WHERE username = ?", [person.username]
        )
    rows.close()
