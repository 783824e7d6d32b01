"""The life of an account, as a machine that hypothesis drives in whatever order it thinks of.

Whatever happens: nobody is signed in without the factors that the policy asks for, nothing works a
second time or for another purpose, and every change has its audit record and its mail.
"""

import shutil
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.orm import Session

from idp.app import create_app
from idp.cli.work import make_worker
from idp.foundation.clock import FixedClock
from idp.foundation.context import Origin
from idp.foundation.database import db, writing
from idp.foundation.mail.mailbox import KeptMail, newest
from idp.people.sessions import service as sessions
from idp.settings import Settings
from tests.flows import resetting
from tests.flows.losing import DAY, account_of, enroll, link_to
from tests.flows.registering import DETAILS, EMAIL, PASSWORD, code_of, enter_code, register
from tests.flows.signing_in import (
    WRONG,
    Person,
    code_in,
    enter_password,
    is_signed_in,
    open_page,
    set_state,
    try_password,
)
from tests.parts.application import ISSUER, START, Templates
from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Answer, Visitor

_IDLE, _HOUR = 900, 3700
_MOST_FACTOR_FAILURES = 8
_WATCHED = [
    "session.started",
    "session.resumed",
    "unlock.completed",
    "password.changed",
    "mfa.enrolled",
    "mfa.recovery_code_used",
    "registration.completed",
    "account.closing_asked",
    "account.kept",
    "account.closed",
]


class Life(RuleBasedStateMachine):
    """One person, their browsers, and a model of what must be so."""

    templates: Templates

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
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
        self.browsers: list[Visitor] = []
        self.acted: dict[Visitor, datetime] = {}  # whoever is signed in, and the last action
        self.used: list[tuple[str, str]] = []  # what has worked once and must not again
        self.events: Counter[str] = Counter()
        self.failures = self.factor_failures = self.passwords = 0
        self.is_suspended = self.is_closing = self.is_closed = False
        self._register()

    def teardown(self) -> None:
        """Close what this run opened."""
        for browser in self.browsers:
            browser.close()
        self.session.close()
        self.engine.dispose()
        shutil.rmtree(self.folder)

    # What people do

    @precondition(lambda self: not self.is_closed)
    @rule()
    def sign_in(self) -> None:
        """The right password and a fresh code: the only way in."""
        browser, code = self._browser(60), self.person.app.code()
        page = enter_password(browser, self.person)
        if page.path == "/sign-in/mfa":
            page.submit({"code": code}, button="Continue")
            self.used.append(("app", code))
        is_in = is_signed_in(browser)
        assert is_in or self.is_suspended or self.failures
        assert not (is_in and self.is_suspended)
        if is_in:
            self._opened(browser)

    @precondition(lambda self: not self.is_closed)
    @rule(times=st.integers(1, 6))
    def guess(self, times: int) -> None:
        """Wrong passwords, perhaps until the lock."""
        browser = self._browser()
        for _ in range(times):
            try_password(browser, self.person.username, WRONG)
        self.failures += times
        assert not is_signed_in(browser)

    @precondition(lambda self: self._is_usable() and self.factor_failures < _MOST_FACTOR_FAILURES)
    @rule()
    def guess_a_code(self) -> None:
        """The right password with a wrong code opens nothing, wherever the browser goes then."""
        browser = self._browser()
        self._half_way(browser).submit({"code": "000000"}, button="Continue")
        self.factor_failures += 1
        for path in ("/account", "/account/security", "/mfa/enroll", "/mfa/recovery-codes"):
            open_page(browser, path)
        assert not is_signed_in(browser)

    @precondition(lambda self: self.failures and not self.is_suspended and not self.is_closed)
    @rule()
    def unlock(self) -> None:
        """A mailed code opens the lock, and signs nobody in."""
        browser = self._browser(_HOUR)
        asked = open_page(browser, "/unlock").submit({"username": self.person.username})
        mail = self._mail("Your code to unlock your account")
        if mail is None:
            return  # it was not locked
        code = code_in(mail)
        assert asked.submit({"code": code}, button="Unlock").path == "/unlock/done"
        self.used.append(("mail", code))
        self._done("unlock.completed", "Your account is unlocked")
        self.failures = 0
        assert not is_signed_in(browser)

    @precondition(lambda self: not (self.is_suspended or self.is_closing or self.is_closed))
    @rule()
    def reset(self) -> None:
        """A mailed code and a factor lead to a new password; every session ends."""
        browser = self._browser(_HOUR)
        asked = resetting.ask(browser, self.person.username)
        code, factor = code_in(self._must_have("Your code to reset")), self.person.app.code()
        proven = asked.submit({"code": code}, button="Continue")
        assert not is_signed_in(browser)
        chosen = resetting.show_factor(proven, self.person)
        self.passwords += 1
        self.used += [("mail", code), ("app", factor), ("password", self.person.password)]
        self.person.password = f"Quiet mill-pond {41 + 2 * self.passwords} lamps"
        assert resetting.choose(chosen, self.person.password).path == "/forgot-password/done"
        self._done("password.changed", "Your password was changed")
        self.acted.clear()
        self.failures = 0

    @precondition(lambda self: self._is_usable() and len(self.person.codes) > 1)
    @rule()
    def lose_the_app_for_a_day(self) -> None:
        """A recovery code stands in for the app, once."""
        browser, code = self._browser(), self.person.codes.pop()
        page = self._half_way(browser).click("Use a recovery code instead")
        page.submit({"code": code}, button="Continue")
        self._opened(browser)
        self.used.append(("recovery", code))
        self._done("mfa.recovery_code_used", "A recovery code was used to sign in")

    @precondition(lambda self: self._living() and self.failures == 0)
    @rule()
    def pause(self) -> None:
        """Fifteen minutes of nothing end everything; the password goes on where a person was."""
        browser = self._living()[-1]
        self._pass(_IDLE)
        assert not is_signed_in(browser)
        asked = open_page(browser, "/account")
        assert asked.path == "/session/resume"
        asked.submit({"password": self.person.password}, button="Go on")
        self.events["session.resumed"] += 1
        self._opened(browser)

    @precondition(lambda self: not (self.is_suspended or self.is_closing or self.is_closed))
    @rule()
    def suspend(self) -> None:
        """The service desk stops everything."""
        set_state(self.ctx, self.person, "suspended")
        with writing(self.ctx.db):
            sessions.end_all(self.ctx, self.person.id, "suspended")
        self.is_suspended = True
        self.acted.clear()

    @precondition(lambda self: self.is_suspended)
    @rule()
    def reinstate(self) -> None:
        """The service desk lets the person in again."""
        set_state(self.ctx, self.person, "active")
        self.is_suspended = False

    @precondition(lambda self: self._is_usable() and not self.is_closing)
    @rule()
    def close(self) -> None:
        """The person asks to close the account; everything ends at once."""
        browser, code = self._browser(60), self.person.app.code()
        self._half_way(browser).submit({"code": code}, button="Continue")
        self.used.append(("app", code))
        self._opened(browser)
        page = open_page(browser, "/account/close")
        page.submit({"username": self.person.username}, button="Close my account")
        self._done("account.closing_asked", "Your account is about to be closed")
        self.is_closing = True
        self.acted.clear()

    @precondition(lambda self: self.is_closing and not self.is_closed)
    @rule()
    def keep(self) -> None:
        """The link in the mail takes it back, from any browser."""
        link = link_to(newest(self.ctx, to=EMAIL), "/keep-account/link")
        page = self._browser().open(link).submit(button="Keep my account")
        assert page.heading == "Your account stays"
        self.used.append(("link", link))
        self._done("account.kept", "Your account stays")
        self.is_closing = False

    @rule()
    def a_day_goes_by(self) -> None:
        """Locks end; an account that was to be closed is closed for ever."""
        self._pass(DAY)
        self._work()
        if self.is_closing and not self.is_closed:
            self.is_closed = True
            self.events["account.closed"] += 1
            assert account_of(self.ctx, self.person).state == "closed"

    @precondition(lambda self: self.used)
    @rule(data=st.data())
    def use_again(self, data: st.DataObject) -> None:
        """What worked once does not work again, here or for another purpose."""
        kind, value = data.draw(st.sampled_from(self.used))
        browser = self._browser()
        if kind == "link":
            assert browser.open(value).status == 410
        elif kind == "password":
            assert try_password(browser, self.person.username, value).status == 422
            self.failures += 1
        elif kind == "mail":
            self._try_mailed_code(value)
        elif self._is_usable() and self.factor_failures < _MOST_FACTOR_FAILURES:
            page = self._half_way(browser)
            page = page.click("Use a recovery code instead") if kind == "recovery" else page
            assert page.submit({"code": value}, button="Continue").status == 422
            self.factor_failures += 1
        assert not is_signed_in(browser)

    # What must be so

    @invariant()
    def only_who_showed_everything_is_signed_in(self) -> None:
        """The model and the provider agree about every browser."""
        living = self._living()
        for browser in self.browsers[-4:]:
            assert is_signed_in(browser) is (browser in living)
        weak = "SELECT count(*) FROM session WHERE factor_time IS NULL OR acr LIKE '%aal1'"
        assert self._count(weak) == 0

    @invariant()
    def every_change_is_written_down_once(self) -> None:
        """Neither a change without a record nor a record without a change."""
        query = "SELECT count(*) FROM audit_event WHERE event = :name AND outcome = 'success'"
        for name in _WATCHED:
            found = self._count(query, name=name)
            assert found == self.events[name], name

    # How

    def _register(self) -> None:
        """Register, prove the mailbox and enrol an app and codes, all through the front door."""
        browser = self._browser()
        waiting = register(browser)
        self._work()
        code = code_of(newest(self.ctx, to=EMAIL)[0])
        self.person = Person(
            "", DETAILS["username"], EMAIL, PASSWORD, Authenticator("A" * 32, self.clock.now), []
        )
        page = enroll(enter_code(waiting, code), self.person, self.clock)
        assert page.path == "/account", page.text
        self.session.rollback()
        self.person.id = self.session.scalars(text("SELECT id FROM account")).one()
        self.session.rollback()
        self.used.append(("mail", code))
        self.events.update(["registration.completed", "mfa.enrolled"])
        self._opened(browser)

    def _browser(self, seconds: float = 31) -> Visitor:
        """Let a moment pass, for another code of the app, and open a fresh browser."""
        self._pass(seconds)
        browser = Visitor({ISSUER: self.app})
        self.browsers.append(browser)
        return browser

    def _pass(self, seconds: float) -> None:
        self.began = self.clock.now()
        self.clock.advance(seconds)

    def _half_way(self, browser: Visitor) -> Answer:
        page = enter_password(browser, self.person)
        assert page.path == "/sign-in/mfa", page.text
        assert not is_signed_in(browser)
        return page

    def _opened(self, browser: Visitor) -> None:
        assert is_signed_in(browser)
        self.acted[browser] = self.clock.now()
        self.events["session.started"] += 1
        self.failures = self.factor_failures = 0

    def _living(self) -> list[Visitor]:
        oldest = self.clock.now() - timedelta(seconds=_IDLE)
        return [browser for browser, acted in self.acted.items() if acted > oldest]

    def _is_usable(self) -> bool:
        return not (self.is_suspended or self.is_closed or self.failures)

    def _try_mailed_code(self, code: str) -> None:
        """Type an old code into fresh ways that wait for one."""
        for path, button in (("/unlock", "Unlock"), ("/forgot-password", "Continue")):
            asked = open_page(self._browser(), path).submit({"username": self.person.username})
            assert asked.submit({"code": code}, button=button).status == 422

    def _done(self, event: str, subject: str) -> None:
        """Note a change; its mail must be there."""
        self.events[event] += 1
        self._must_have(subject)

    def _must_have(self, subject: str) -> KeptMail:
        mail = self._mail(subject)
        assert mail, [one.subject for one in newest(self.ctx, to=EMAIL)]
        return mail

    def _mail(self, subject: str) -> KeptMail | None:
        """Return the newest mail since the step began whose subject begins so."""
        self._work()
        found = newest(self.ctx, to=EMAIL)
        fresh = [one for one in found if one.received_at > self.began]
        return next((one for one in fresh if one.subject.startswith(subject)), None)

    def _work(self) -> None:
        make_worker(self.app, threads=1).run_once()
        self.session.rollback()

    def _count(self, query: str, **values: str) -> int:
        self.session.rollback()
        return int(self.session.scalar(text(query), values) or 0)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_happens_an_account_is_safe_and_its_life_is_on_record(
    templates: Templates,
) -> None:
    Life.templates = templates
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
