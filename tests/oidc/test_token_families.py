"""Families of refresh tokens, as a machine that hypothesis drives (security.md, TK-09 to TK-12).

Whatever is done in whatever order: a family has one living end, its scope never grows, and
once a token is used twice the whole family is dead for ever.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.orm import Session

from idp.app import create_app
from idp.foundation.clock import FixedClock
from idp.foundation.context import Origin
from idp.foundation.database import db, writing
from idp.people.sessions import service as sessions
from idp.settings import Settings
from tests.oidc import story
from tests.parts.application import ISSUER, START, Templates

SCOPE = "openid email profile"
_PARTS = st.lists(st.sampled_from(SCOPE.split()[1:]), unique=True)
REPEAT_SECONDS = 10


@dataclass
class Family:
    """What the tokens of one sign-in must be like."""

    is_dead: bool = False
    accesses: list[str] = field(default_factory=list)


@dataclass
class Refresh:
    """One refresh token: its family, and its successor once it was used."""

    token: str
    family: Family
    successor: "Refresh | None" = None
    used_at: float = 0.0


class Families(RuleBasedStateMachine):
    """Issues, refreshes, repeats, reuses and waits, and compares with a model."""

    refreshes = Bundle("refreshes")
    templates: Templates

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="families-"))
        database = shutil.copyfile(self.templates.sqlite, self.folder / "idp.sqlite3")
        self.clock = FixedClock(START)
        self.app = create_app(
            Settings(
                environment="test",
                issuer=ISSUER,
                database_url=f"sqlite:///{database}",
                data_dir=self.folder,
                policies_dir=self.templates.policies,
            ),
            self.clock,
        )
        with self.app.app_context():
            self.engine = db.engine
        self.session = Session(self.engine)
        self.ctx = self.app.extensions["idp"].context(self.session, Origin.system("test"))
        self.portal = story.register(self.ctx)
        self.browser = story.sign_in(self.ctx, self.app, story.person(self.ctx))
        self.families: list[Family] = []

    def teardown(self) -> None:
        """Close what this run opened."""
        self.session.close()
        self.engine.dispose()
        shutil.rmtree(self.folder)

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _made(self, answer: dict[str, Any], family: Family) -> Refresh:
        family.accesses.append(answer["access_token"])
        return Refresh(answer["refresh_token"], family)

    @rule(target=refreshes)
    def sign_in(self) -> Refresh:
        """A code becomes the first tokens of a family."""
        family = Family()
        self.families.append(family)
        return self._made(self.browser.tokens(self.portal, scope=SCOPE), family)

    @rule(target=refreshes, refresh=refreshes, narrower=_PARTS)
    def refresh(self, refresh: Refresh, narrower: list[str]) -> Any:
        """Use a refresh token, whichever it is, with the whole scope or less."""
        asked = " ".join(["openid", *narrower])
        response = self.portal.refresh(self.browser.client, refresh.token, scope=asked)
        family, former = refresh.family, refresh.successor
        if family.is_dead:
            assert response.status_code == 400
            return multiple()
        if former is None:
            answer = response.get_json()
            assert response.status_code == 200, answer
            assert set(answer["scope"].split()) == {"openid", *narrower}
            refresh.successor = self._made(answer, family)
            refresh.used_at = self._now()
            return refresh.successor
        is_recent = self._now() < refresh.used_at + REPEAT_SECONDS
        if is_recent and former.successor is None:
            answer = response.get_json()
            assert response.status_code == 200, answer
            assert answer["refresh_token"] == former.token
            assert answer["access_token"] in family.accesses
            return multiple()
        assert response.status_code == 400
        family.is_dead = True
        return multiple()

    @rule(refresh=refreshes)
    def widen(self, refresh: Refresh) -> None:
        """Ask for more than was granted: refused, and nothing changes."""
        response = self.portal.refresh(self.browser.client, refresh.token, scope=f"{SCOPE} phone")
        assert response.status_code == 400

    @rule(refresh=refreshes)
    def be_somebody_else(self, refresh: Refresh) -> None:
        """Another program with the same token: refused, and nothing changes."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh.token}
        wrong = {"client_id": "portal", "client_secret": "x"}
        elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
        response = self.browser.client.post(
            "/oidc/token", data=form | wrong, environ_base=elsewhere
        )
        assert response.status_code in {401, 429}

    @rule(refresh=refreshes)
    def give_back(self, refresh: Refresh) -> None:
        """Revoke: the whole family ends, whichever of its tokens is given back."""
        response = self.portal.post(self.browser.client, "/oidc/revoke", {"token": refresh.token})
        assert response.status_code == 200
        refresh.family.is_dead = True

    @rule(seconds=st.sampled_from([1, 9, 10]))
    def wait(self, seconds: int) -> None:
        """Time passes while the person works."""
        self.clock.advance(seconds)
        with writing(self.session):
            sessions.record_activity(self.ctx, self.browser.session.id)

    @invariant()
    def dead_families_open_nothing(self) -> None:
        """No access token of a dead family opens userinfo; the newest of a living one does."""
        for family in self.families[-2:]:
            status = self.browser.userinfo(family.accesses[-1]).status_code
            assert status == (401 if family.is_dead else 200)

    @invariant()
    def every_token_has_one_successor(self) -> None:
        """The database agrees: no token has two successors of a kind."""
        self.session.rollback()
        twice = self.session.execute(
            text(
                "SELECT count(*) FROM oidc_token WHERE predecessor_id IS NOT NULL"
                " GROUP BY predecessor_id, kind HAVING count(*) > 1"
            )
        )
        assert not twice.all()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_TK_09_families_have_one_living_end(templates: Templates) -> None:
    Families.templates = templates
    chosen = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(Families, settings=chosen)
