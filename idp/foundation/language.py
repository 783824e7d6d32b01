"""English and Spanish: the words of pages and mails, from one gettext catalogue.

The English text is the message id. `idp/translations/es/*.po` is read when the process starts
(a few milliseconds), so no compiled file can be older than its source.
"""

import gettext
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import get_timezone_name
from babel.messages.pofile import read_po

LANGUAGES = ("en", "es")
DEFAULT_LANGUAGE = "en"
_TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for translation where it is written, and return it unchanged."""
    return message


def translate(language: str, message: str, **values: object) -> str:
    """Return the message in the language, with %(name)s replaced; English when unknown."""
    text = catalogue(language).gettext(message)
    return text % values if values else text


def ntranslate(language: str, one: str, many: str, number: int, **values: object) -> str:
    """Return the singular or plural message for a number, which is %(num)s in it."""
    return catalogue(language).ngettext(one, many, number) % {"num": number, **values}


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the words of a language; the empty catalogue (English) for an unknown one."""
    words = _Words()
    for path in sorted((_TRANSLATIONS / language).glob("*.po")):
        words.read(path)
    return words


class _Words(gettext.NullTranslations):
    def __init__(self) -> None:
        super().__init__()
        self._one: dict[str, str] = {}
        self._many: dict[str, tuple[str, ...]] = {}

    def read(self, path: Path) -> None:
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, (tuple, list)):
                    self._many[message.id[0]] = tuple(message.string or ())
                elif message.id and message.string:
                    self._one[message.id] = str(message.string)

    def gettext(self, message: str) -> str:
        return self._one.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._many.get(msgid1, (msgid1, msgid2))
        return forms[0] if n == 1 else forms[-1]


def format_time(language: str, zone: str, moment: datetime) -> str:
    """Return a moment's time of day in a time zone, as people say it."""
    return babel_time(_local(moment, zone), "short", locale=_locale(language))


def format_time_and_zone(language: str, zone: str, moment: datetime) -> str:
    """Return a moment's time of day with the zone's short name: for who waits elsewhere."""
    name = get_timezone_name(_local(moment, zone), "short", locale=_locale(language))
    return f"{format_time(language, zone, moment)} {name}"


def format_date(language: str, zone: str, moment: datetime) -> str:
    """Return a moment's date in a time zone, with the month as a word."""
    return babel_date(_local(moment, zone), "long", locale=_locale(language))


def format_moment(language: str, zone: str, moment: datetime) -> str:
    """Return a moment's date and time to the minute in a time zone."""
    day = babel_date(_local(moment, zone), "medium", locale=_locale(language))
    return f"{day}, {format_time(language, zone, moment)}"


def next_full_minute(moment: datetime) -> datetime:
    """Round up: a wait that is told to the minute must be over when the minute comes."""
    is_full = not (moment.second or moment.microsecond)
    return moment if is_full else moment.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _locale(language: str) -> str:
    return {"es": "es_US"}.get(language, "en_US")
