"""Parts whose edges no request reaches quickly."""

import pytest
from authlib.oauth2.rfc6749 import OAuth2Error

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.oidc.clients import directory
from idp.oidc.clients.client import Client
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.parameters import Parameters
from idp.oidc.token import failure_brake
from idp.oidc.token.failure_brake import FailureBrake
from idp.oidc.token.grant import Grant, StaleRegistration
from idp.oidc.token.request import ProgramRequest, TokenRequest
from tests.oidc import story


def test_remembered_clients_are_bounded(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_MOST", 2)
    known = ClientDirectory()
    for client_id in ("one", "two", "three"):
        story.register(ctx, client_id)
        assert known.find(ctx, client_id)
    assert len(known._read) == 1


def test_a_client_is_read_again_after_a_second(ctx: Context, clock: FixedClock) -> None:
    known = ClientDirectory()
    story.register(ctx, "one")
    first = known.find(ctx, "one")
    assert known.find(ctx, "one") is first
    clock.advance(1)
    again = known.find(ctx, "one")
    assert again == first
    assert again is not first
    assert known.find(ctx, None) is None


def test_remembered_failures_are_bounded(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure_brake, "_MOST", 2)
    brake = FailureBrake()
    for client_id in ("one", "two", "three"):
        for _ in range(21):
            brake.count(ctx, client_id)
    assert not brake.holds(ctx, "one")
    assert brake.holds(ctx, "three")


def test_a_registration_that_never_stands_still_is_refused(ctx: Context) -> None:
    class Restless(Grant):
        GRANT_TYPE = "restless"  # type: ignore[assignment]  # Authlib's default is None
        ARTEFACT = "code"

        def exchange(self, client: Client) -> dict[str, object]:
            raise StaleRegistration(client.client_id)

    class Server:
        def __init__(self) -> None:
            self.forgotten: list[str] = []

        def client_for_grant(self, program: ProgramRequest, grant_type: str) -> Client:
            assert grant_type == "restless"
            found = ClientDirectory().find(program.ctx, "one")
            assert found
            return found

        def forget(self, client_id: str) -> None:
            self.forgotten.append(client_id)

    story.register(ctx, "one")
    server = Server()
    program = ProgramRequest(ctx, Parameters({"code": "x"}), None)
    grant = Restless(TokenRequest(program), server)
    grant.validate_token_request()
    with pytest.raises(OAuth2Error, match="changing"):
        grant.create_token_response()
    assert server.forgotten == ["one", "one"]
