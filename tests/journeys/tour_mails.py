"""Every mail that was sent on a tour, as a mail program shows it: on a desk and on a phone."""

import re
from unicodedata import normalize

import httpx

from tests.journeys.looking import Looker
from tests.parts.chromium import NARROW, Chromium
from tests.parts.provider import Provider

_WIDTHS = (600, NARROW)


def walk(looker: Looker, chromium: Chromium, provider: Provider) -> None:
    """Look once at each kind of mail in the language of the tour."""
    with looker.at(chromium.person(language=looker.language)) as walker:
        for subject, html in sent(provider, looker.language).items():
            walker.page.set_content(html)
            looker.look_at_mail("mail-" + _slug(subject), _WIDTHS)


def sent(provider: Provider, language: str) -> dict[str, str]:
    """Return the HTML of the newest mail of each subject in a language."""
    address = f"{provider.url}/dev/mailbox?format=json"
    mails = httpx.get(address, trust_env=False, timeout=30).json()
    theirs = (mail for mail in reversed(mails) if f'<html lang="{language}"' in mail["html"])
    return {mail["subject"]: mail["html"] for mail in theirs}


def _slug(subject: str) -> str:
    plain = normalize("NFKD", subject.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", "-", plain).strip("-")
