"""Pure decisions and settings of the portals."""

import runpy
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from werkzeug.datastructures import LanguageAccept

from portals.shared.clock import OffsetClock, SystemClock
from portals.shared.id_tokens import Identity
from portals.shared.idle_rules import Times, idle_ends_at, is_over, seconds_left
from portals.shared.language import choose_language, format_day, format_time
from portals.shared.person import person_of
from portals.shared.provider import SCOPE
from portals.shared.safe_paths import local_target, safe_path
from portals.shared.secrets_kept import SealBroken, form_token, new_secret, seal, unseal
from portals.shared.settings import PortalSettings, load_settings
from tests.portals.story import SITES
from tools.places import ROOT

MOMENTS = st.integers(min_value=0, max_value=1 << 33)


class TestIdleRules:
    @given(MOMENTS, MOMENTS, MOMENTS)
    def test_the_end_is_never_past_the_overall_limit(
        self, acted: int, provider_end: int, overall: int
    ) -> None:
        assert idle_ends_at(Times(acted, provider_end, overall), 900) <= overall

    @given(MOMENTS)
    def test_the_bound_is_exact(self, acted: int) -> None:
        times = Times(acted, 0, 1 << 40)
        assert not is_over(times, 900, acted + 899)
        assert is_over(times, 900, acted + 900)

    @given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
    def test_seconds_left_are_none_exactly_when_it_is_over(
        self, acted: int, provider_end: int, overall: int, now: int
    ) -> None:
        times = Times(acted, provider_end, overall)
        assert (seconds_left(times, 900, now) == 0) == is_over(times, 900, now)

    def test_the_later_of_both_clocks_counts(self) -> None:
        assert idle_ends_at(Times(100, 1500, 9999), 900) == 1500
        assert idle_ends_at(Times(700, 1500, 9999), 900) == 1600


class TestSafePaths:
    @given(st.text())
    def test_whatever_is_asked_for_stays_in_the_portal(self, wanted: str) -> None:
        path = safe_path(wanted, "/secure")
        parts = urlsplit(path)
        assert path.startswith("/")
        assert not path.startswith("//")
        assert (parts.scheme, parts.netloc) == ("", "")
        assert "\\" not in path

    @pytest.mark.parametrize(
        "wanted",
        [
            "",
            None,
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "a",
            "/a b",
        ],
    )
    def test_unsafe_paths_become_the_default(self, wanted: str | None) -> None:
        assert safe_path(wanted, "/secure") == "/secure"

    @pytest.mark.parametrize("wanted", ["/", "/help", "/a/b?c=d&e=%20"])
    def test_paths_of_the_portal_stay(self, wanted: str) -> None:
        assert safe_path(wanted, "/secure") == wanted

    @pytest.mark.parametrize(
        ("target", "path"),
        [
            ("http://localhost:1/help?x=1", "/help?x=1"),
            ("http://localhost:1", "/secure"),
            ("http://localhost:1.evil.example/help", "/secure"),
            ("http://localhost:1@evil.example/help", "/secure"),
            ("https://localhost:1/help", "/secure"),
            ("http://[", "/secure"),
            (None, "/secure"),
        ],
    )
    def test_a_target_is_of_this_portal_or_ignored(self, target: str | None, path: str) -> None:
        assert local_target(target, "http://localhost:1", "/secure") == path


class TestSecrets:
    def test_only_the_cookie_that_sealed_opens(self) -> None:
        cookie = new_secret()
        sealed = seal(cookie, b"tokens", bound_to="row-1")
        assert unseal(cookie, sealed, bound_to="row-1") == b"tokens"

        for wrong in ((new_secret(), sealed, "row-1"), (cookie, sealed, "row-2")):
            with pytest.raises(SealBroken):
                unseal(wrong[0], wrong[1], bound_to=wrong[2])

    @pytest.mark.parametrize("sealed", ["", "x", "é", "AAAA"])
    def test_broken_seals_are_refused(self, sealed: str) -> None:
        with pytest.raises(SealBroken):
            unseal("cookie", sealed, bound_to="row-1")

    def test_the_form_token_is_not_the_cookie(self) -> None:
        cookie = new_secret()
        assert form_token(cookie) == form_token(cookie) != form_token(new_secret())
        assert cookie not in form_token(cookie)


class TestPerson:
    identity = Identity("sub", "sid", "urn:ncid:acr:aal2", ("pwd", "otp", "mfa"), 0, 0)

    @given(
        st.dictionaries(st.sampled_from(["name", "ncid", "access", "email"]), st.from_type(object))
    )
    def test_any_claims_make_a_person_without_rights_they_do_not_have(
        self, claims: dict[str, Any]
    ) -> None:
        person = person_of(self.identity, claims)
        assert all(isinstance(right, str) for one in person.access for right in one.rights)

    @pytest.mark.parametrize(
        ("amr", "words"),
        [
            (("pwd", "otp", "mfa"), "signed in with a password and a code from an app"),
            (("hwk", "user"), "signed in with a passkey"),
            (("pwd", "swk", "mfa"), "signed in with a password and a passkey"),
            (("pwd",), "signed in with a password"),
            (("face",), "signed in"),
        ],
    )
    def test_how_somebody_signed_in_is_said_in_plain_words(
        self, amr: tuple[str, ...], words: str
    ) -> None:
        identity = Identity("sub", "sid", "urn:other", amr, 0, 0)
        person = person_of(identity, {})
        assert person.method_words == words
        assert person.assurance_words == "urn:other"

    def test_unknown_keys_are_shown_as_they_are(self) -> None:
        entry = {"role": "night_shift", "rights": ["provider.new"]}
        claims = {"ncid": {"account_type": "tribal_office"}, "access": [entry]}
        person = person_of(self.identity, claims)
        assert person.account_words == "Tribal office"
        assert person.access[0].role_words == "Night shift"
        assert person.access[0].right_words == ["provider.new"]


class TestLanguage:
    @pytest.mark.parametrize(
        ("asked", "kept", "browser", "chosen"),
        [
            ("es", "en", "en", "es"),
            (None, "es", "en", "es"),
            ("fr", None, "es", "es"),
            (None, None, "fr", "en"),
        ],
    )
    def test_the_newest_wish_wins(
        self, asked: str | None, kept: str | None, browser: str, chosen: str
    ) -> None:
        assert choose_language(asked, kept, LanguageAccept([(browser, 1)])) == chosen

    def test_times_and_days_are_said_as_people_say_them(self) -> None:
        assert format_time("en", 1_772_463_600) == "10:00\u202fAM"
        assert format_day("en", "2027-01-31") == "January 31, 2027"
        assert format_day("es", "2027-01-31T04:00:00+00:00") == "30 de enero de 2027"
        assert format_day("en", "some day") == "some day"


class TestSettings:
    def _settings(self, **more: Any) -> PortalSettings:
        required: dict[str, Any] = {
            "environment": "production",
            "issuer": "https://id.example.org",
            "base_url": "https://portal.example.org/",
            "client_secret": "s",
        }
        return PortalSettings(**{**required, **more})

    def test_the_base_url_is_an_origin(self) -> None:
        assert self._settings().base_url == "https://portal.example.org"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"issuer": "http://localhost:8000"},
            {"base_url": "http://portal.example.org"},
            {"base_url": "https://portal.example.org/path"},
            {"base_url": "ftp://portal.example.org"},
            {"client_secret": None},
            {"clock_offset_file": "/tmp/clock"},  # noqa: S108 - never opened
        ],
    )
    def test_production_refuses_what_is_unsafe(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            self._settings(**wrong)

    def test_the_secret_may_stand_in_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "secret"
        file.write_text("from-a-file\n")
        assert self._settings(client_secret=None, client_secret_file=file).secret == "from-a-file"
        file.write_text("\n")
        with pytest.raises(ValueError, match="empty"):
            _ = self._settings(client_secret=None, client_secret_file=file).secret

    def test_the_environment_fills_the_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {
            "PORTAL_ENVIRONMENT": "development",
            "PORTAL_ISSUER": "http://localhost:8000",
            "PORTAL_BASE_URL": "http://localhost:8001",
            "PORTAL_CLIENT_SECRET": "s",
            "RECIPIENT_PORTAL_URL": "http://localhost:9002",
        }.items():
            monkeypatch.setenv(name, value)
        settings = load_settings()
        assert settings.recipient_portal_url == "http://localhost:9002"
        assert settings.host == "localhost:8001"


class TestClock:
    def test_the_clock_moves_by_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "offset"
        clock = OffsetClock(file)
        assert abs(clock.now() - SystemClock().now()) <= 1
        file.write_text("3600")
        assert abs(clock.now() - SystemClock().now() - 3600) <= 1


def test_the_registered_clients_are_what_the_portals_use() -> None:
    registered = tomllib.loads((ROOT / "config" / "clients.toml").read_text(encoding="utf-8"))
    clients = {client["client_id"]: client for client in registered["clients"]}

    for site in SITES.values():
        client, at = clients[site.client_id], f"${{{site.key.upper()}_PORTAL_URL}}"
        assert client["redirect_uris"] == [f"{at}/callback"]
        assert client["post_logout_redirect_uris"] == [f"{at}/signed-out"]
        assert client["backchannel_logout_uri"] == f"{at}/backchannel-logout"
        assert client["initiate_login_uri"] == f"{at}/sign-in"
        assert client["token_endpoint_auth_method"] == "client_secret_basic"
        assert client["scope"] == SCOPE
        assert client["default_acr_values"][0] == site.accepted_acrs[0]
        assert client["first_party"] is client["reports_activity"] is True


@pytest.mark.parametrize("key", SITES)
def test_a_server_finds_each_portal(
    key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "PORTAL_ENVIRONMENT": "test",
        "PORTAL_ISSUER": "http://localhost:8000",
        "PORTAL_BASE_URL": "http://localhost:8001",
        "PORTAL_CLIENT_SECRET": "s",
        "PORTAL_DATA_DIR": str(tmp_path),
        "PORTAL_CLOCK_OFFSET_FILE": str(tmp_path / "clock"),
    }.items():
        monkeypatch.setenv(name, value)
    found = runpy.run_module(f"portals.{key}.wsgi")["application"]

    assert found.extensions["portal"].settings.client_id == f"{key}-portal"
    assert (tmp_path / f"{key}.sqlite3").exists()
