"""The whole way in Spanish, in a browser that runs no script."""

import pytest

from tests.journeys import steps_portals as portals
from tests.journeys import steps_provider as steps
from tests.journeys import steps_way as way
from tests.journeys.steps import WithoutScript
from tests.parts.fixtures import OpenBrowserless
from tests.parts.provider import Provider

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


@pytest.fixture
def walker(browserless: OpenBrowserless) -> WithoutScript:
    """Somebody whose browser asks for Spanish and runs no script."""
    return WithoutScript(browserless(language="es"), "es")


@pytest.mark.parametrize("confirm", [way.by_the_link, way.by_the_code])
def test_a_citizen_goes_the_whole_way_without_a_script(
    walker: WithoutScript, provider: Provider, confirm: way.Confirm
) -> None:
    person = steps.newcomer()
    tab = way.become_somebody(walker, provider, person, confirm)
    assert isinstance(tab, WithoutScript)
    assert tab.heading == "Le damos la bienvenida, Rosa Río"
    assert next(tab.answer.document.all("html")).get("lang") == "es"
    way.enter_the_others(tab, provider, person)
    way.leave_everywhere(tab, provider)


def test_the_mailed_link_works_in_another_browser_with_the_password(
    walker: WithoutScript, browserless: OpenBrowserless, provider: Provider
) -> None:
    person = steps.newcomer()
    walker.open(f"{provider.url}/register")
    steps.register(walker, person)
    phone = WithoutScript(browserless(language="es"), "es")
    mail = steps.open_mail(phone, provider, person)
    assert mail.subject == "Confirme su dirección de correo electrónico"
    phone.open(mail.link)
    phone.send({"password": person.password}, "Confirmar")
    steps.enrol(phone, provider, person)
    assert phone.heading == "Su cuenta"


def test_somebody_comes_back_with_a_recovery_code(
    walker: WithoutScript, provider: Provider
) -> None:
    person = steps.newcomer()
    way.become_somebody(walker, provider, person, way.by_the_code)
    portals.sign_out(walker)
    walker.open(f"{provider.url}/sign-in")
    steps.enter_password(walker, person)
    walker.follow("Usar un código de recuperación")
    walker.send({"code": person.recovery_codes[1]}, "Continuar")
    assert walker.heading == "Su cuenta"
