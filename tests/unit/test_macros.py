"""What the macros write: every control is named, described and safe, whatever is put into it."""

import pytest
from flask import Flask
from markupsafe import Markup

from tests.parts.html import Element, Form, parse
from tests.parts.sample_pages import PATH, add_sample_page

FORM = """
{{ error_summary(form) }}
{{ form_open("/sample", form, "handle-1") }}
{{ radios(form.account_type, descriptions={"individual": "For yourself"}) }}
{{ field(form.username) }}
{{ field(form.middle_initial, width="2xs") }}
{{ field(form.email, hint="We write to it.") }}
{{ select(form.language, raw=true) }}
{{ password(form.new_password, checklist=policies.password.active, personal_fields=["username"],
            confirm=form.confirm_password) }}
{{ checkbox(form.terms) }}
{{ submit("Go on") }}
{{ form_close() }}"""


def shown(app: Flask, body: str, *, language: str = "en", **values: object) -> Element:
    add_sample_page(app, body, **values)
    answer = app.test_client().get(PATH, query_string={"lang": language})
    assert answer.status_code == 200
    return parse(answer.text)


def refused(app: Flask, body: str) -> Element:
    app.config["WTF_CSRF_ENABLED"] = False
    add_sample_page(app, body)
    return parse(app.test_client().post(PATH, data={"username": "x"}).text)


def by_id(page: Element, name: str) -> Element:
    found = [element for element in page.all() if element.get("id") == name]
    assert len(found) == 1, f"{len(found)} elements are called {name}"
    return found[0]


def test_every_control_has_a_label_and_unique_id(app: Flask) -> None:
    page = shown(app, FORM)
    labelled = {label.get("for") for label in page.all("label")}
    controls = [
        control
        for control in page.all("input", "select", "textarea")
        if control.get("type") != "hidden"
    ]
    assert {control.get("id") for control in controls} == labelled
    identifiers = [element.get("id") for element in page.all() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_hints_describe_their_field(app: Flask) -> None:
    page = shown(app, FORM)
    assert by_id(page, "username").get("aria-describedby") == "username-hint"
    assert by_id(page, "username-hint").text == "Short."
    assert by_id(page, "email-hint").text == "We write to it."
    assert by_id(page, "new_password").get("aria-describedby") == "new_password-rules"


def test_errors_are_tied_to_their_field_and_listed_with_links(app: Flask) -> None:
    page = refused(app, FORM)
    assert by_id(page, "email").get("aria-invalid") == "true"
    assert by_id(page, "email").get("aria-describedby") == "email-hint email-error"
    assert by_id(page, "email-error").text == "Error: Enter your email address."
    summary = next(part for part in page.all("div") if part.get("role") == "alert")
    links = {link.get("href"): link.text for link in summary.all("a")}
    assert links["#email"] == "Enter your email address."
    assert links["#account_type-0"] == "Choose an account type."
    assert by_id(page, "account_type-0").get("type") == "radio"
    assert next(page.all("title")).inside == ["Error: A sample – Carolina Sign-in"]


def test_a_field_without_errors_is_not_called_invalid(app: Flask) -> None:
    page = refused(app, FORM)
    assert "aria-invalid" not in by_id(page, "username").attributes
    assert "aria-invalid" in by_id(page, "email").attributes


def test_needed_fields_are_told_from_optional_ones(app: Flask) -> None:
    page = shown(app, FORM)
    labels = {label.get("for"): label.text for label in page.all("label")}
    assert labels["username"] == "Username"
    assert labels["middle_initial"] == "Middle initial (optional)"
    assert by_id(page, "username").get("aria-required") == "true"
    # The browser's own checks would hide the summary and speak another language.
    assert "required" not in by_id(page, "username").attributes


def test_a_form_carries_its_token_and_its_tab(app: Flask) -> None:
    page = shown(app, FORM)
    form = Form(next(form for form in page.all("form") if form.get("action") == PATH))
    values = form.values()
    assert form.method == "POST"
    assert values["tx"] == "handle-1"
    assert values["csrf_token"]


def test_controls_keep_their_autofill_names(app: Flask) -> None:
    page = shown(app, FORM)
    assert by_id(page, "username").get("autocomplete") == "username"
    assert by_id(page, "new_password").get("autocomplete") == "new-password"
    assert by_id(page, "email").get("inputmode") == "email"


def test_pasted_text_is_never_cut_in_silence(app: Flask) -> None:
    page = shown(app, FORM)
    assert not [part for part in page.all("input") if "maxlength" in part.attributes]


def test_words_from_the_form_are_translated_and_names_people_gave_are_not(app: Flask) -> None:
    page = shown(app, FORM, language="es")
    assert by_id(page, "new_password-rules").text.startswith("Su contraseña necesita:")
    options = [option.text for option in by_id(page, "language").all("option")]
    assert options == ["English", "<b>100 %</b>"]


def test_password_rules_are_readable_without_a_script(app: Flask) -> None:
    rules = [
        item.get("data-rule") for item in by_id(shown(app, FORM), "new_password-rules").all("li")
    ]
    assert rules == ["length", "categories", "personal", "sequences", "confirm"]


@pytest.mark.parametrize(
    "body",
    [
        "{{ table('C', ['N', 'V'], [[canary, canary]]) }}",
        "{{ details([('N', canary)]) }}",
        "{{ code_box(canary, 'key', canary) }}",
        "{{ links([(canary, canary)]) }}",
        "{{ link_button(canary, canary) }}",
        "{{ steps([canary, 'b'], 1) }}",
        "{% call alert('info', canary) %}{{ canary }}{% endcall %}",
        "{{ field(form.username, hint=canary) }}",
        "{{ password(form.new_password, checklist=policies.password.active, personal=personal) }}",
    ],
)
def test_nothing_put_into_a_macro_becomes_markup(app: Flask, body: str) -> None:
    canary = """"'><script>alert(1)</script>"""
    add_sample_page(app, body, canary=canary, personal={"username": canary, "names": [canary]})
    assert "<script>alert" not in app.test_client().get(PATH).text


def test_steps_say_where_the_person_is(app: Flask) -> None:
    page = shown(app, "{{ steps(['Names', 'Email', 'Done'], 2) }}")
    items = [item for item in page.all("li") if "segment" in item.get("class")]
    assert [item.text for item in items] == ["Names (done)", "Email", "Done (still to come)"]
    assert [item.get("aria-current") for item in items] == ["", "step", ""]


def test_a_table_names_its_columns_and_says_when_it_is_empty(app: Flask) -> None:
    page = shown(
        app,
        "{{ table('Sessions', ['Device', 'End'], rows) }}{{ table('None', ['A'], []) }}",
        rows=[["Phone", Markup("<a href='/x'>End</a>")]],
    )
    assert next(page.all("caption")).text == "Sessions"
    assert next(page.all("td")).get("data-label") == "End"
    assert next(next(page.all("td")).all("a")).get("href") == "/x"
    assert "There is nothing here yet." in next(page.all("main")).text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "in a few minutes."),
        (1, "in 1 second."),
        (90, "in 90 seconds."),
        (91, "in 2 minutes."),
        (5400, "in 90 minutes."),
        (5401, "in 2 hours."),
    ],
)
def test_a_wait_is_told_in_words_and_never_too_short(
    app: Flask, seconds: int | None, words: str
) -> None:
    page = shown(app, "<p>{{ wait(seconds) }}</p>", seconds=seconds)
    assert f"Try again {words}" in next(page.all("main")).text


def test_a_page_loads_nothing_from_elsewhere_and_nothing_inline(app: Flask) -> None:
    page = shown(app, FORM + "{{ copy_button('username') }}{{ print_button() }}")
    addresses = [part.get("src") or part.get("href") for part in page.all("script", "link", "img")]
    assert addresses
    assert all(address.startswith("/static/") for address in addresses)
    assert not [script.inside for script in page.all("script") if script.inside]
    assert not [part for part in page.all() if "style" in part.attributes or part.tag == "style"]


def test_the_language_switch_leads_to_the_same_page(app: Flask) -> None:
    page = shown(app, "")
    switch = next(link for link in page.all("a") if link.get("hreflang"))
    assert (switch.get("href"), switch.get("lang"), switch.text) == (
        "/sample?lang=es",
        "es",
        "Español",
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_error_page_says_what_to_do_and_gives_its_number(app: Flask, language: str) -> None:
    page = parse(app.test_client().get("/no-such-page", query_string={"lang": language}).text)
    assert next(page.all("html")).get("lang") == language
    assert next(page.all("h1")).text in {"We cannot find that page", "No encontramos esa página"}
    assert "919-555-0100" in next(page.all("footer")).text
    assert next(next(page.all("footer")).all("code")).text
