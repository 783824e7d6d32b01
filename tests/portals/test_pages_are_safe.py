"""What holds for every page and every form of every portal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portals.shared.app import create_portal
from portals.shared.clock import FixedClock
from tests.parts.browserless import Visitor
from tests.portals.fake_provider import FakeProvider
from tests.portals.story import SITES, START, URLS, Person, Portals, settings_of

PUBLIC = ["/", "/help", "/legal", "/privacy", "/notice", "/signed-out", "/health"]
ODD = ["/nowhere", "/backchannel-logout", "/callback", "/sign-in", "/secure", "/static/none.css"]


@pytest.mark.parametrize("key", SITES)
@pytest.mark.parametrize("path", [*PUBLIC, *ODD])
def test_every_answer_carries_the_security_headers(person: Person, key: str, path: str) -> None:
    """Case SE-14: on 200, 3xx and 4xx alike."""
    headers = person.open(key, path, follow=False).response.headers

    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    if not path.startswith("/static"):
        assert headers["Cache-Control"] == "no-store"
        assert "Cookie" in headers["Vary"]


def test_forms_may_lead_to_the_provider_and_nowhere_else(
    person: Person, provider: FakeProvider
) -> None:
    policy = person.open("recipient").response.headers["Content-Security-Policy"]

    assert f"form-action 'self' {provider.issuer};" in policy


def test_the_session_ends_with_its_pages_and_errors_in_no_cache(person: Person) -> None:
    person.sign_in("recipient")

    assert person.open("recipient", "/secure").response.headers["Cache-Control"] == "no-store"


def _posts(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "POST" in (rule.methods or ()) and not getattr(view, "is_machine", False):
            yield rule.rule


@pytest.mark.parametrize("key", SITES)
def test_every_form_needs_the_sessions_own_token(
    person: Person, somebody_else: Person, portals: Portals, key: str
) -> None:
    """Case SE-08, over the routes as they are."""
    stolen = somebody_else.open(key, "/notice").form(fields=["csrf_token"]).values()["csrf_token"]
    person.open(key, "/secure").submit(button="I agree")
    paths = list(_posts(portals.apps[key]))
    assert set(paths) == {"/notice", "/session/extend", "/sign-out"}
    for path in paths:
        for values in ({}, {"csrf_token": ""}, {"csrf_token": "é"}, {"csrf_token": stolen}):
            answer = person.post(key, path, values)
            assert answer.status == 403, (path, values)
            assert answer.heading == "This form can no longer be used"
    assert person.status(key)["active"] is True


def test_only_machines_post_without_a_token(portals: Portals) -> None:
    app = portals.apps["recipient"]
    machines = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "is_machine", False)
    }
    assert machines == {"/backchannel-logout", "/sign-in"}


def test_no_get_signs_out_or_accepts(person: Person) -> None:
    """Case SE-09."""
    person.sign_in("recipient")
    for path in (*PUBLIC, "/sign-out", "/session/extend", "/session/check", "/session/status"):
        person.open("recipient", path)

    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


def test_the_session_cookie_is_opaque_strict_and_the_portals_own(person: Person) -> None:
    """Case SE-05, over http."""
    answer = person.open("recipient", "/notice")
    (written,) = answer.response.headers.get_list("set-cookie")
    name, _, rest = written.partition("=")
    value, *flags = rest.split("; ")

    assert name == "recipient-portal"
    assert len(value) == 43
    assert set(flags) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_over_https_the_cookie_is_bound_to_the_host(
    provider: FakeProvider, clock: FixedClock, tmp_path: Path
) -> None:
    """Case SE-05, over https."""
    at = "https://portal.example.org"
    settings = settings_of("recipient", provider.issuer, tmp_path, base_url=at)
    app = create_portal(SITES["recipient"], settings, clock)
    app.extensions["portal"].reporter.stop()
    visitor = Visitor({"https://portal.example.org": app})
    answer = visitor.open("https://portal.example.org/notice?lang=es")
    session, language = answer.response.headers.get_list("set-cookie")
    visitor.close()

    assert session.startswith("__Host-recipient-portal=")
    assert "Secure" in session.split("; ")
    assert "Domain" not in session
    assert "Expires" not in session
    assert language.startswith("__Host-recipient-portal-language=es;")
    assert answer.response.headers["Strict-Transport-Security"].startswith("max-age=63072000")


@pytest.mark.parametrize(
    ("method", "path", "status", "heading"),
    [
        ("GET", "/nowhere", 404, "This page does not exist"),
        ("GET", "/static/..%2f..%2fsettings.py", 404, "This page does not exist"),
        ("GET", "//admin", 404, "This page does not exist"),
        ("DELETE", "/notice", 405, "This page cannot be used that way"),
        ("TRACE", "/", 405, "This page cannot be used that way"),
        ("POST", "/help", 405, "This page cannot be used that way"),
    ],
)
def test_wrong_turns_get_a_page_that_helps(
    person: Person, method: str, path: str, status: int, heading: str
) -> None:
    answer = person.visitor.client.request(method, f"{URLS['recipient']}{path}")

    assert answer.status_code in {status, 403}
    assert heading in answer.text or answer.status_code == 403
    assert 'href="/help"' in answer.text


def test_an_oversized_form_is_refused(person: Person) -> None:
    """Case IN-03."""
    answer = person.post("recipient", "/notice", {"next": "x" * 70_000})

    assert answer.status == 413


@pytest.mark.parametrize("cookie", ["planted", "x" * 5000, '"; DROP TABLE sessions'])
def test_a_planted_cookie_is_nobody(person: Person, cookie: str) -> None:
    headers = {"Cookie": f"recipient-portal={cookie}"}
    answer = person.visitor.client.get(f"{URLS['recipient']}/notice", headers=headers)

    assert answer.status_code == 200
    assert answer.headers["set-cookie"].startswith("recipient-portal=")
    assert cookie not in answer.headers["set-cookie"]


def test_names_from_the_provider_are_shown_as_text(person: Person, provider: FakeProvider) -> None:
    """Case IN-01: a script in a name is text."""
    canary = "<script>alert(1)</script>{{7*7}}%(x)s"
    provider.person("rrecipient", name=canary)
    page = person.sign_in("recipient")

    assert page.heading == f"Welcome, {canary}"
    assert "<script>alert" not in page.response.text


def test_the_language_of_a_page_is_said_in_its_html(person: Person) -> None:
    assert '<html lang="es">' in person.open("provider", "/?lang=es").response.text
    assert '<html lang="es">' in person.open("provider", "/nowhere").response.text


def test_a_static_file_with_its_hash_is_kept_for_ever(person: Person) -> None:
    page = person.open("recipient")
    styles = [one for one in page.document.all("link") if "portal.css" in one.get("href")]
    answer = person.open("recipient", styles[0].get("href"))

    assert answer.response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_log_tells_no_secret(
    capsys: pytest.CaptureFixture[str], person: Person, provider: FakeProvider
) -> None:
    """Case LX-01 for the portals."""
    page = person.sign_in("recipient")
    cookie = person.visitor.client.cookies["recipient-portal"]
    state = provider.asked[0]["state"]
    page.submit(button="Sign out")
    written = capsys.readouterr().err

    assert '"event": "sign_in.succeeded"' in written
    for secret in (cookie, state, "code-1", "access-1", "refresh-1", "a-secret", "eyJ"):
        assert secret not in written


def test_the_unexpected_gets_a_page_with_a_number_and_no_detail(
    person: Person, provider: FakeProvider
) -> None:
    """Case IN-12."""
    person.portals.apps["recipient"].jinja_env.globals["brand"] = None
    answer = person.visitor.client.get(f"{URLS['recipient']}/health")
    assert answer.status_code == 200

    def broken(_access_token: str) -> None:
        raise LookupError("a-detail")

    person.portals.apps["provider"].extensions["portal"].provider.claims = broken
    page = person.sign_in("provider")
    assert (page.status, page.heading) == (500, "Something went wrong on our side")
    assert "a-detail" not in page.response.text
    assert "LookupError" not in page.response.text


def test_a_lost_database_is_503(person: Person, portals: Portals, tmp_path: Path) -> None:
    """Case F-04: nothing is let through, and nothing is a 500."""
    person.open("recipient", "/notice")
    (tmp_path / "recipient" / "recipient.sqlite3").write_bytes(b"not a database" * 500)
    answer = person.open("recipient", "/notice")

    assert answer.status == 503
    assert person.open("recipient", "/health").status == 503


def test_a_newer_database_is_left_alone(portals: Portals, tmp_path: Path) -> None:
    with portals.parts("recipient").database.writing() as rows:
        rows.execute("PRAGMA user_version = 99")
    with pytest.raises(RuntimeError, match="newer version"):
        create_portal(SITES["recipient"], portals.parts("recipient").settings, FixedClock(START))


def test_sessions_that_are_over_are_forgotten(person: Person, portals: Portals) -> None:
    """Case F-25: rows do not pile up."""
    for _ in range(3):
        person.visitor.client.cookies.clear()
        person.open("recipient", "/notice")
        person.open("recipient", "/register", follow=False)
    portals.clock.advance(7200)
    person.visitor.client.cookies.clear()
    person.open("recipient", "/notice")

    with portals.parts("recipient").database.reading() as rows:
        assert rows.execute("SELECT count(*) FROM sessions").fetchone()[0] == 1
        assert rows.execute("SELECT count(*) FROM sign_ins").fetchone()[0] == 0


@pytest.mark.parametrize("path", ["/", "/callback", "/sign-in", "/notice", "/nowhere", "/health"])
def test_raw_bytes_in_an_address_break_nothing(portals: Portals, path: str) -> None:
    """Case IN-11."""
    client = portals.apps["provider"].test_client()
    for query in ("\xff\xfe", "next=\x86", "lang=\xf6&code=\xff&state=x"):
        answer = client.get(path, environ_overrides={"QUERY_STRING": query})
        assert answer.status_code < 500
