"""A browser in words that people know it by."""

from idp.foundation.language import N_, translate
from idp.people.browsers.rules import family_of

_BOTH = N_("%(browser)s on %(system)s")
_SYSTEM_ALONE = N_("A browser on %(system)s")
_UNKNOWN = N_("A browser that we do not know")


def name_of(user_agent: str | None, language: str) -> str:
    """Return what a User-Agent header stands for: "Firefox on Android"."""
    browser, system = family_of(user_agent or "")
    if browser and system:
        return translate(language, _BOTH, browser=browser, system=system)
    if system:
        return translate(language, _SYSTEM_ALONE, system=system)
    return browser or translate(language, _UNKNOWN)
