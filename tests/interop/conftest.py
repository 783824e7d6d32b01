"""One running provider for all relying parties."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.interop.relying_party import RelyingParty, register, running_party_place
from tests.oidc.certification.listener import Listener
from tests.parts.fixtures import OpenBrowserless
from tests.parts.provider import Provider

Place = tuple[Provider, Listener]
Register = Callable[..., RelyingParty]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The running provider, and the server that stands for the relying parties."""
    with running_party_place(tmp_path_factory.mktemp("interop")) as running:
        yield running


@pytest.fixture
def register_party(place: Place, browserless: OpenBrowserless) -> Register:
    """Register a relying party; takes its client_id and metadata that differ from the usual."""

    def registered(client_id: str, **changes: Any) -> RelyingParty:
        return register(*place, browserless(), client_id, **changes)

    return registered
