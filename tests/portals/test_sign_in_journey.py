"""The way in and out of a portal, as a person walks it."""

import pytest

from tests.portals.fake_provider import FakeProvider
from tests.portals.story import URLS, Person

OADMIN = {
    "access": [
        {
            "organization": "Lakeside Clinic",
            "npi": "1234567893",
            "role": "office_administrator",
            "rights": ["provider.eligibility", "provider.claims"],
            "until": "2027-01-31",
        }
    ]
}
SWORKER = {
    "access": [
        {
            "organization": "Department of Demonstrations",
            "npi": None,
            "role": "operations",
            "rights": ["operations.portal"],
            "until": None,
        }
    ]
}


def test_the_secure_part_is_reached_only_through_the_legal_notice(person: Person) -> None:
    page = person.open("recipient", "/secure")

    assert page.path == "/notice"
    assert "legal age" in page.text
    assert "consent of a parent or guardian" in page.text


def test_cancelling_the_notice_leads_back_to_the_front_page(person: Person) -> None:
    page = person.open("provider", "/secure").click("Cancel")

    assert page.path == "/"
    assert person.open("provider", "/secure").path == "/notice"


def test_the_landing_page_says_who_signed_in_and_how(person: Person) -> None:
    page = person.sign_in("recipient")

    assert page.path == "/secure"
    assert page.heading == "Welcome, Rrecipient"
    assert "rrecipient" in page.text
    assert "Individual account" in page.text
    assert "You signed in with a password and a code from an app." in page.text


def test_the_request_is_bound_by_state_nonce_and_pkce(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")

    (asked,) = provider.asked
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    assert set(asked["scope"].split()) == {"openid", "profile", "email", "ncid", "access"}
    assert asked["ui_locales"] == "en"
    assert asked["acr_values"].split()[0] == "urn:ncid:acr:aal2"


def test_registering_asks_the_provider_to_create_an_account_and_comes_back_by_the_notice(
    person: Person, provider: FakeProvider
) -> None:
    page = person.open("recipient").click("Create an account")

    assert provider.asked[0]["prompt"] == "create"
    assert page.path == "/notice"
    assert page.submit(button="I agree").heading == "Welcome, Rrecipient"


def test_the_session_id_changes_at_sign_in_and_the_old_one_is_dead(person: Person) -> None:
    """Case SE-01: a cookie planted before sign-in is worth nothing after it."""
    notice = person.open("recipient", "/secure")
    before = person.visitor.client.cookies["recipient-portal"]
    notice.submit(button="I agree")
    after = person.visitor.client.cookies["recipient-portal"]
    assert before != after

    person.visitor.client.cookies.clear()
    person.visitor.client.cookies.set("recipient-portal", before)
    assert person.open("recipient", "/secure").path == "/notice"


def test_where_the_person_was_going_is_kept(person: Person) -> None:
    target = f"{URLS['provider']}/getting-started"
    page = person.open("provider", f"/sign-in?target_link_uri={target}")

    assert page.submit(button="I agree").path == "/getting-started"


@pytest.mark.parametrize(
    "target", ["https://evil.example/x", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_target_outside_the_portal_is_ignored(person: Person, target: str) -> None:
    page = person.open("recipient", f"/sign-in?target_link_uri={target}&next={target}")

    assert page.submit(button="I agree").path == "/secure"


def test_the_provider_may_send_people_to_start_over_by_post(person: Person) -> None:
    values = {"target_link_uri": f"{URLS['recipient']}/help"}
    answer = person.post("recipient", "/sign-in", values)

    assert answer.status == 303
    assert answer.location == f"{URLS['recipient']}/sign-in?next=%2Fhelp"


def test_a_start_in_the_name_of_another_issuer_is_refused(person: Person) -> None:
    assert person.open("recipient", "/sign-in?iss=https://evil.example").status == 400


def test_a_second_portal_needs_its_own_notice_and_no_second_sign_in(
    person: Person, provider: FakeProvider
) -> None:
    provider.person("oadmin", **OADMIN)
    person.sign_in("recipient")
    page = person.sign_in("provider")

    assert page.heading == "Welcome, Oadmin"
    assert provider.asked[0]["client_id"] == "recipient-portal"
    assert provider.asked[1]["client_id"] == "provider-portal"


def test_the_provider_portal_shows_records_role_and_rights(
    person: Person, provider: FakeProvider
) -> None:
    provider.person("oadmin", **OADMIN)
    page = person.sign_in("provider")

    for words in ("Lakeside Clinic", "1234567893", "Office Administrator", "January 31, 2027"):
        assert words in page.text
    assert "Submit claims and see their status" in page.text


def test_without_access_the_provider_portal_says_what_to_do(person: Person) -> None:
    page = person.sign_in("provider")

    assert page.status == 403
    assert page.heading == "No access yet"
    assert "Ask the Office Administrator to invite rrecipient." in page.text
    assert page.link("Go to the Recipient portal") == "http://localhost:8002/"


@pytest.mark.parametrize("claims", [{}, OADMIN], ids=["no access", "office administrator"])
def test_operations_refuses_who_has_no_right_of_operations(
    person: Person, provider: FakeProvider, claims: dict[str, object]
) -> None:
    account = {"username": "oadmin", "account_type": "state"}
    provider.person("oadmin", **{**claims, "ncid": account})
    page = person.sign_in("operations")

    assert page.status == 403
    assert page.heading == "You may not enter this portal"


def test_operations_opens_for_a_right_of_operations(person: Person, provider: FakeProvider) -> None:
    provider.person("sworker", **SWORKER)

    page = person.sign_in("operations")
    assert page.heading == "Welcome, Sworker"
    assert "Enter the operations portal" in page.text


def test_an_agency_role_opens_no_provider_record(person: Person, provider: FakeProvider) -> None:
    provider.person("sworker", **SWORKER)

    assert person.sign_in("provider").heading == "No access yet"


def test_a_withdrawn_right_is_gone_with_the_next_request(
    person: Person, provider: FakeProvider
) -> None:
    provider.person("oadmin", **OADMIN)
    assert person.sign_in("provider").status == 200

    provider.person("oadmin")
    assert person.open("provider", "/secure").heading == "No access yet"


@pytest.mark.parametrize(
    "access",
    [None, "all", [None, 7, "x"], [{"npi": 5, "rights": "operations.portal"}], {"rights": []}],
)
def test_malformed_rights_are_no_rights(
    person: Person, provider: FakeProvider, access: object
) -> None:
    provider.person("oadmin", access=access)

    assert person.sign_in("operations").status == 403
    assert person.sign_in("provider").status == 403


def test_signing_out_ends_the_session_here_and_at_the_provider(
    person: Person, provider: FakeProvider
) -> None:
    page = person.sign_in("recipient").submit(button="Sign out")

    assert page.path == "/signed-out"
    assert "You are signed out of this portal, of Carolina Sign-in" in page.text
    (asked,) = provider.signed_out
    assert asked["id_token_hint"].count(".") == 2
    assert asked["client_id"] == "recipient-portal"
    assert person.open("recipient", "/secure").path == "/notice"


def test_after_sign_out_the_old_cookie_is_worth_nothing(person: Person) -> None:
    """Case LO-05."""
    page = person.sign_in("recipient")
    cookie = person.visitor.client.cookies["recipient-portal"]
    page.submit(button="Sign out")
    person.visitor.client.cookies.clear()
    person.visitor.client.cookies.set("recipient-portal", cookie)

    assert person.open("recipient", "/secure").path == "/notice"


def test_a_signed_out_page_without_our_state_claims_less(person: Person) -> None:
    page = person.open("recipient", "/signed-out?state=forged")

    assert "You are not signed in to this portal." in page.text


def test_a_get_of_sign_out_only_asks(person: Person) -> None:
    person.sign_in("recipient")
    page = person.open("recipient", "/sign-out")

    assert page.heading == "Do you want to sign out?"
    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


def test_the_language_is_chosen_kept_and_told_to_the_provider(
    person: Person, provider: FakeProvider
) -> None:
    page = person.open("recipient").click("Español")
    assert page.heading == "Sus beneficios de salud, en un solo lugar"

    notice = person.open("recipient", "/secure")
    assert notice.heading == "Antes de abrir el portal seguro"
    landing = notice.submit(button="Acepto")
    assert "Usted inició sesión con una contraseña y un código de una aplicación." in landing.text
    assert provider.asked[0]["ui_locales"] == "es"


def test_a_spanish_browser_is_spoken_to_in_spanish(somebody_else: Person) -> None:
    assert somebody_else.open("provider", "/help").heading == "Ayuda"


def test_the_acceptance_is_kept_with_version_and_time_and_ends_with_the_session(
    person: Person,
) -> None:
    page = person.sign_in("recipient")
    parts = person.portals.parts("recipient")
    with parts.database.reading() as rows:
        row = rows.execute("SELECT * FROM sessions WHERE sub IS NOT NULL").fetchone()
    assert row["notice_version"] == parts.site.notice_version
    assert row["notice_accepted_at"] == person.portals.clock.now()

    page.submit(button="Sign out")
    assert person.open("recipient", "/secure").path == "/notice"


def test_who_is_signed_in_already_is_not_asked_again(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")

    assert person.open("recipient", "/sign-in?next=/help").path == "/help"
    assert person.open("recipient", "/signed-out").path == "/"
    assert len(provider.asked) == 1


def test_signing_out_twice_is_no_error(person: Person) -> None:
    page = person.sign_in("recipient")
    values = page.form("Sign out").values()
    page.submit(button="Sign out")
    token = person.open("recipient", "/notice").form("I agree").values()["csrf_token"]

    assert person.post("recipient", "/sign-out", values).status == 403
    assert person.post("recipient", "/sign-out", {"csrf_token": token}).status == 303


def test_a_new_text_of_the_notice_is_asked_for_again(person: Person) -> None:
    person.sign_in("recipient")
    parts = person.portals.parts("recipient")
    with parts.database.writing() as rows:
        rows.execute("UPDATE sessions SET notice_version = 'an earlier one'")
    page = person.open("recipient", "/secure")

    assert page.path == "/notice"
    assert page.submit(button="I agree").heading == "Welcome, Rrecipient"
