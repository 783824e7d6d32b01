"""The provider in the conformance environment, prepared as docs/conformance.md says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.oidc.certification.listener import Listener
from tests.oidc.certification.suite import ALIAS, Suite, SuiteClient
from tests.parts.provider import running_provider

_PASSWORD = "A calm river-bed behind 7 hills"


@contextmanager
def running_suite(folder: Path) -> Iterator[Suite]:
    """Run a provider in the conformance environment with the suite's clients and account."""
    listener = Listener()
    extra = {
        "IDP_ENVIRONMENT": "conformance",
        "IDP_BACKCHANNEL_HOSTS": json.dumps([listener.place]),
    }
    try:
        with running_provider(folder, has_demo=False, has_clients=False, extra=extra) as provider:
            provider.idp("conformance", "seed", "--password-stdin", stdin=f"{_PASSWORD}\n")
            words = ("--suite", listener.url, "--alias", ALIAS, "--json")
            printed = json.loads(provider.idp("conformance", "clients", *words))
            methods = {"client_secret_post": "client_secret_post"}
            clients = {
                name: SuiteClient(
                    printed[name]["client_id"],
                    printed[name]["client_secret"],
                    methods.get(name, "client_secret_basic"),
                )
                for name in ("client", "client_secret_post", "client2")
            }
            with httpx.Client(trust_env=False, timeout=30) as http:
                yield Suite(provider, listener, _PASSWORD, clients, http)
    finally:
        listener.stop()
