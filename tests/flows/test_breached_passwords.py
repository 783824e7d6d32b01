"""An operator's own filter of breached passwords, from the start of the provider to the page."""

from pathlib import Path

import pytest

from idp.app import create_app
from idp.foundation.clock import FixedClock
from idp.people.credentials import breached_passwords
from idp.people.credentials.breached_passwords import BreachedFilterBad
from idp.settings import Settings
from tests.flows.registering import fill_contact, finish
from tests.parts.application import ISSUER
from tests.parts.fixtures import OpenBrowserless

LISTED = "A calm river-bed 7"


def test_RG_16_a_password_on_the_operators_list_is_refused(
    settings: Settings, clock: FixedClock, browserless: OpenBrowserless, tmp_path: Path
) -> None:
    source, target = tmp_path / "list.txt", tmp_path / "breached.filter"
    source.write_text(f"{LISTED}\n", encoding="utf-8")
    breached_passwords.build(source, target)
    app = create_app(settings.model_copy(update={"breached_passwords_filter": target}), clock)
    page = fill_contact(browserless({ISSUER: app}))
    refused = finish(page, LISTED)
    assert refused.status == 422
    assert "Attackers know this password and try it first." in refused.text
    assert finish(refused, "Another calm pond 7").heading == "Check your email"


@pytest.mark.parametrize("content", [None, b"", b"not a filter"])
def test_the_provider_does_not_start_with_a_filter_that_cannot_be_used(
    content: bytes | None, settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    target = tmp_path / "breached.filter"
    if content is not None:
        target.write_bytes(content)
    with pytest.raises(BreachedFilterBad, match=r"breached\.filter.*build-filter"):
        create_app(settings.model_copy(update={"breached_passwords_filter": target}), clock)
