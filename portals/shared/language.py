"""English and Spanish: the words of the portals' pages, from gettext catalogues.

The English text is the message id; `portals/translations/es/*.po` is read at start.
"""

import gettext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.messages.pofile import read_po
from werkzeug.datastructures import LanguageAccept

LANGUAGES = {"en": "English", "es": "Español"}
DEFAULT_LANGUAGE = "en"
_TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
_LOCALES = {"en": "en_US", "es": "es_US"}
_ZONE = ZoneInfo("America/New_York")


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for translation where it is written, and return it unchanged."""
    return message


class Words(gettext.NullTranslations):
    """The words of one language."""

    def __init__(self, folder: Path) -> None:
        """folder: where the *.po files lie; a missing one gives the English texts."""
        super().__init__()
        self._texts: dict[str, str] = {}
        for path in sorted(folder.glob("*.po")):
            self._read(path)

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and message.id and message.string:
                    self._texts[message.id] = str(message.string)

    def gettext(self, message: str) -> str:
        """Return the text in this language; the message itself when there is none."""
        return self._texts.get(message, message)


@cache
def words(language: str) -> Words:
    """Return the words of a language."""
    return Words(_TRANSLATIONS / language)


def translate(language: str, message: str, **values: object) -> str:
    """Return the message in the language, with %(name)s replaced."""
    text = words(language).gettext(message)
    return text % values if values else text


def choose_language(asked: str | None, kept: str | None, accepted: LanguageAccept) -> str:
    """Return the language of a page: the one just asked for, kept from before, or the browser's."""
    for wanted in (asked, kept):
        if wanted in LANGUAGES:
            return wanted
    return accepted.best_match(list(LANGUAGES), DEFAULT_LANGUAGE) or DEFAULT_LANGUAGE


def format_time(language: str, seconds: int) -> str:
    """Return a moment's time of day in the state's time zone, as people say it."""
    return babel_time(_moment(seconds), "short", locale=_LOCALES[language])


def format_moment(language: str, seconds: int) -> str:
    """Return a moment's date and time in the state's time zone."""
    day = babel_date(_moment(seconds), "long", locale=_LOCALES[language])
    return f"{day}, {format_time(language, seconds)}"


def format_day(language: str, day: str) -> str:
    """Return an ISO 8601 date or moment as a date in words; what cannot be read stays as it is."""
    try:
        moment = datetime.fromisoformat(day)
    except ValueError:
        return day
    local = moment.astimezone(_ZONE) if moment.tzinfo else moment
    return babel_date(local, "long", locale=_LOCALES[language])


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(_ZONE)
