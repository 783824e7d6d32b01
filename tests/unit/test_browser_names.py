"""What a User-Agent header is called."""

import pytest

from idp.people.browsers.words import name_of

_GECKO = "Mozilla/5.0 ({}) Gecko/20100101 Firefox/140.0"
_WEBKIT = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) {}"
_CHROME = "Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (_GECKO.format("X11; Linux x86_64; rv:140.0"), "Firefox on Linux"),
        (_GECKO.format("Android 15; Mobile; rv:140.0"), "Firefox on Android"),
        (_GECKO.format("Windows NT 10.0; Win64; x64; rv:140.0"), "Firefox on Windows"),
        (_WEBKIT.format("Windows NT 10.0; Win64; x64", _CHROME), "Chrome on Windows"),
        (_WEBKIT.format("X11; CrOS x86_64 14541.0.0", _CHROME), "Chrome on ChromeOS"),
        (_WEBKIT.format("Linux; Android 10; K", _CHROME), "Chrome on Android"),
        (_WEBKIT.format("Windows NT 10.0", f"{_CHROME} Edg/140.0.0.0"), "Edge on Windows"),
        (_WEBKIT.format("Windows NT 10.0", f"{_CHROME} OPR/121.0.0.0"), "Opera on Windows"),
        (
            _WEBKIT.format("Linux; Android 10; K", f"SamsungBrowser/28.0 {_CHROME}"),
            "Samsung Internet on Android",
        ),
        (_WEBKIT.format("Macintosh; Intel Mac OS X 10_15_7", "Version/18.5 Safari/605.1.15"),
         "Safari on Mac"),
        (_WEBKIT.format("iPhone; CPU iPhone OS 18_5", "Version/18.5 Safari/604.1"),
         "Safari on iPhone"),
        (_WEBKIT.format("iPad; CPU OS 18_5", "CriOS/140.0 Safari/604.1"), "Chrome on iPad"),
        (_WEBKIT.format("iPhone; CPU iPhone OS 18_5", "FxiOS/140.0 Safari/605.1.15"),
         "Firefox on iPhone"),
        ("SomeBot/1.0 (Linux)", "A browser on Linux"),
        ("Firefox/140.0", "Firefox"),
        ("curl/8.14.1", "A browser that we do not know"),
        ("", "A browser that we do not know"),
        ("<script>alert(1)</script>", "A browser that we do not know"),
        (None, "A browser that we do not know"),
    ],
)  # fmt: skip
def test_a_header_is_called_by_the_names_that_people_know(header: str | None, name: str) -> None:
    assert name_of(header, "en") == name


def test_the_name_is_said_in_the_persons_language() -> None:
    assert name_of("Firefox/140.0 (Android)", "es") == "Firefox en Android"
    assert name_of(None, "es") == "Un navegador que no conocemos"
