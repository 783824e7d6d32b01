"""Every page of a forgotten username, a forgotten password, and of changing one."""

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.looking import Looker
from tests.journeys.steps_provider import Person
from tests.parts.provider import Provider

_NEW, _NEWER = "Quiet mill-pond 42", "Another lamp-post 77"
_CODE_MAIL = "Your code to reset your password"
_ONE_STEP_OF_AN_APP = 31


def forget_the_username(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the pages of somebody who forgot the username."""
    say, walker = looker.language, looker.walker
    looker.open(f"{provider.url}/forgot-username", "forgot-username")
    walker.send({}, translate(say, "Search"))
    looker.look("forgot-username-errors")
    names = {"first_name": person.first_name, "last_name": person.last_name}
    walker.send(names | {"email": person.email}, translate(say, "Search"))
    looker.look("forgot-username-sent")


def forget_the_password(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the pages from asking for a code to the new password."""
    say, walker = looker.language, looker.walker
    onward = translate(say, "Continue")
    looker.open(f"{provider.url}/forgot-password", "forgot-password")
    walker.send({}, translate(say, "Send a code"))
    looker.look("forgot-password-errors")
    walker.send({"username": person.username}, translate(say, "Send a code"))
    looker.look("forgot-password-code")
    walker.send({"code": "00000000"}, onward)
    looker.look("forgot-password-code-errors")
    mail = steps.open_mail(walker.tab(), provider, person, subject=_CODE_MAIL)
    looker.open(mail.link, "forgot-password-confirm")
    walker.send({}, onward)
    assert person.app
    provider.move_clock(_ONE_STEP_OF_AN_APP)
    walker.send({"code": person.app.code()}, onward)
    looker.look("forgot-password-new")
    choose(looker, "maria", _NEW, "Set new password")
    looker.look("forgot-password-new-errors")
    choose(looker, _NEW, _NEW, "Set new password")
    looker.look("forgot-password-done")
    person.password = _NEW
    looker.open(mail.link, "forgot-password-link-dead")


def change_the_password(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the page that changes the password of somebody who signs in for it."""
    walker = looker.walker
    walker.open(f"{provider.url}/account/security/password")
    steps.sign_in(walker, provider, person)
    looker.look("password-change")
    choose(looker, person.password, person.password, "Change password")
    looker.look("password-change-errors")
    choose(looker, _NEWER, _NEWER, "Change password")
    looker.look("password-changed")
    person.password = _NEWER


def choose(looker: Looker, password: str, confirmed: str, button: str) -> None:
    """Type a new password twice."""
    values = {"new_password": password, "confirm_password": confirmed}
    looker.walker.send(values, translate(looker.language, button))
