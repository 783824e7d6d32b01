"""Every page that applications lead people to, and those for their developers."""

import json

import httpx

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.looking import Looker
from tests.parts.provider import Provider

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def be_a_developer(looker: Looker, provider: Provider) -> None:
    """Look at what developers read, and at what a request of theirs that went wrong says."""
    looker.open(f"{provider.url}/docs/api", "docs-api")
    looker.open(f"{provider.url}/oidc/authorize?client_id=unknown", "error-application")
    looker.open(f"{provider.url}/dev/client", "dev-client")
    looker.walker.send({"max_age": "never"}, translate(looker.language, "Send the request"))
    looker.look("dev-client-errors")


def allow_an_application(looker: Looker, provider: Provider) -> None:
    """Sign in for somebody else's application, allow it, and take that back."""
    say, walker = looker.language, looker.walker
    request = translate(say, "Send the request")
    walker.open(f"{provider.url}/sign-in")
    person = steps.seeded(provider, "rrecipient")
    steps.sign_in(walker, provider, person)
    looker.open(f"{provider.url}/account/applications", "applications-none")
    walker.open(f"{provider.url}/dev/client")
    walker.send({}, request)
    looker.look("consent")
    walker.send({}, translate(say, "Allow"))
    looker.look("dev-client-answer")
    walker.open(f"{provider.url}/dev/client")
    walker.send({"prompt": "select_account"}, request)
    looker.look("select-account")
    looker.open(f"{provider.url}/account/applications", "applications")
    application = translate(say, "Test client")
    withdraw = "Withdraw the permission for %(application)s"
    walker.send({}, translate(say, withdraw, application=application))
    looker.look("applications-withdrawn")


def connect_a_device(looker: Looker, provider: Provider) -> None:
    """Type the code that a device shows, and allow what it asks."""
    say, walker = looker.language, looker.walker
    onward = translate(say, "Continue")
    code = ask_as_device(provider, f"tool.{say}")
    looker.open(f"{provider.url}/oidc/device", "device")
    walker.send({"user_code": "BCDF-GHJK"}, onward)
    looker.look("device-errors")
    walker.send({"user_code": code}, onward)
    looker.look("device-confirm")
    walker.send({}, translate(say, "Allow"))
    looker.look("device-done")


def be_signed_out_by_an_application(looker: Looker, provider: Provider) -> None:
    """Look at the question that an application's sign-out without proof leads to."""
    looker.open(f"{provider.url}/oidc/end-session", "end-session")
    looker.walker.send({}, translate(looker.language, "Sign out"))
    looker.look("end-session-done")


def ask_as_device(provider: Provider, client_id: str) -> str:
    """Register a tool for devices, ask as it would, and return the code that it shows."""
    options = ["--public", "--native", "--grant-type", _DEVICE_GRANT, "--scope", "openid email"]
    words = ["--client-id", client_id, "--name", "Desk Tool", "--name-es", "Herramienta de mesa"]
    provider.idp("clients", "add", *words, *options)
    form = {"client_id": client_id, "scope": "openid email"}
    address = f"{provider.url}/oidc/device-authorization"
    answer = httpx.post(address, data=form, trust_env=False)
    assert answer.status_code == 200, answer.text
    return str(json.loads(answer.text)["user_code"])
