"""The mail server fails in every way: no mail is lost, no dead code is sent, no page differs."""

import re
import time

import pytest

from tests.parts.browserless import Answer, Visitor
from tests.parts.fixtures import OpenBrowserless, StartProvider
from tests.parts.provider import Provider
from tests.parts.smtp import PERMANENT, TEMPORARY, Delivered, SmtpSink

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

PERSON, ADDRESS = "rrecipient", "rrecipient@example.org"
LATE = "Please ask for a new code"
_LONGEST_PAGE_SECONDS = 5


@pytest.fixture
def provider(start_provider: StartProvider, smtp: SmtpSink) -> Provider:
    """A provider whose worker hands mail to the server under test."""
    return start_provider(extra={"IDP_SMTP_URL": smtp.url})


@pytest.fixture
def visitor(browserless: OpenBrowserless) -> Visitor:
    """A browser without JavaScript."""
    return browserless()


def ask(visitor: Visitor, provider: Provider, username: str = PERSON) -> Answer:
    """Ask for a code to reset the password; the page must not wait for any mail server."""
    began = time.monotonic()
    page = visitor.open(f"{provider.url}/forgot-password").submit({"username": username})
    assert time.monotonic() - began < _LONGEST_PAGE_SECONDS
    assert (page.status, page.heading) == (200, "Check your email")
    return page


def code_in(mail: Delivered) -> str:
    """Return the code of a mail."""
    found = re.search(r"^\d{8}\s*$", mail.text, re.MULTILINE)
    assert found, mail.text
    return found.group().strip()


def is_right(page: Answer, mail: Delivered) -> bool:
    """Type a mail's code into the page that asked for it; tell whether it works."""
    return page.submit({"code": code_in(mail)}).path == "/sign-in/mfa"


def sent_to(smtp: SmtpSink, address: str = ADDRESS) -> list[Delivered]:
    """Return the mails that arrived at an address."""
    return [mail for mail in smtp.delivered if address in mail.recipients]


def pass_time(provider: Provider, minutes: int) -> None:
    """Let minutes pass, each long enough for the worker to try what is due."""
    for _ in range(minutes // 5):
        provider.move_clock(300)
        time.sleep(0.3)


def test_ML_02_after_half_an_hour_without_a_server_the_code_that_comes_works(
    provider: Provider, smtp: SmtpSink, visitor: Visitor, browserless: OpenBrowserless
) -> None:
    shown = ask(browserless(), provider).text
    smtp.mail_to(ADDRESS)
    smtp.stop()
    provider.move_clock(60)
    page = ask(visitor, provider)
    assert page.text == shown
    pass_time(provider, 10)
    smtp.start()
    provider.move_clock(301)
    mail = smtp.mail_to(ADDRESS, count=2)
    assert is_right(page, mail)
    assert len(sent_to(smtp)) == 2


def test_ML_02_after_more_than_an_hour_no_dead_code_comes_but_word_of_it(
    provider: Provider, smtp: SmtpSink, visitor: Visitor
) -> None:
    smtp.stop()
    ask(visitor, provider)
    pass_time(provider, 65)
    smtp.start()
    provider.move_clock(301)
    mail = smtp.mail_to(ADDRESS)
    assert mail.subject == LATE
    assert not re.search(r"\b\d{8}\b", mail.text)
    again = ask(visitor, provider)
    assert is_right(again, smtp.mail_to(ADDRESS, count=2))


def test_ML_02_a_slow_server_makes_no_page_wait_and_gets_each_mail_once(
    provider: Provider, smtp: SmtpSink, visitor: Visitor
) -> None:
    smtp.seconds_to_answer = 3
    page = ask(visitor, provider)
    mail = smtp.mail_to(ADDRESS)
    smtp.seconds_to_answer = 0
    assert is_right(page, mail)
    asked = [one for one in sent_to(smtp) if one.message_id == mail.message_id]
    assert len(asked) == 1


def test_ML_02_what_a_server_puts_off_is_tried_until_it_takes_it(
    provider: Provider, smtp: SmtpSink, visitor: Visitor
) -> None:
    smtp.answer = TEMPORARY
    page = ask(visitor, provider)
    pass_time(provider, 10)
    assert sent_to(smtp) == []
    smtp.answer = None
    provider.move_clock(301)
    assert is_right(page, smtp.mail_to(ADDRESS))


def test_ML_02_what_a_server_refuses_for_good_holds_nobody_elses_mail_up(
    provider: Provider, smtp: SmtpSink, visitor: Visitor, browserless: OpenBrowserless
) -> None:
    smtp.refused[ADDRESS] = PERMANENT
    refused = ask(visitor, provider)
    taken = ask(browserless(), provider, "oadmin")
    assert refused.text.replace(PERSON, "oadmin") == taken.text
    assert is_right(taken, smtp.mail_to("oadmin@example.org"))
    pass_time(provider, 10)
    assert sent_to(smtp) == []
    smtp.refused.clear()
    page = ask(visitor, provider)
    assert is_right(page, smtp.mail_to(ADDRESS))


def test_ML_02_a_worker_killed_while_it_hands_over_loses_nothing(
    provider: Provider, smtp: SmtpSink, visitor: Visitor
) -> None:
    smtp.seconds_to_answer = 30
    page = ask(visitor, provider)
    time.sleep(3)  # the worker waits for the server's answer now
    provider.workers[0].kill()
    smtp.seconds_to_answer = 0
    provider.start_worker()
    provider.move_clock(61)
    mail = smtp.mail_to(ADDRESS)
    assert is_right(page, mail)
    twins = [one for one in sent_to(smtp) if one.message_id == mail.message_id]
    assert len(twins) <= 2
    assert len({one.text for one in twins}) == 1
