"""A page made only of the templates' macros, in the real application."""

from typing import Any

from flask import Flask, Response, request
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Page, Route
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # no type yet

from idp.foundation.language import N_
from idp.web.forms import (
    Form,
    Required,
    code_field,
    email_field,
    password_field,
    text_field,
)
from idp.web.guards import page
from idp.web.pages import render
from tests.parts.application import ISSUER

PATH = "/sample"
_IMPORTS = """
{% extends "base.html" %}
{% from "macros/forms.html" import checkbox, error_summary, field, form_close, form_open, hidden,
   password, radios, select, submit %}
{% from "macros/buttons.html" import copy_button, group, link_button, links, post_button,
   print_button %}
{% from "macros/notices.html" import alert, code_box, wait %}
{% from "macros/steps.html" import steps %}
{% from "macros/tables.html" import details, table %}
{% block page_heading %}A sample{% endblock %}
{% block main %}"""


class SampleForm(Form):
    """One field of each kind; the words are those of the registration form."""

    account_type = RadioField(
        N_("Account type"),
        validators=[Required("Choose an account type.")],
        choices=[SelectChoice("individual", "Individual"), SelectChoice("business", "Business")],
    )
    username = text_field(
        N_("Username"), Required("Enter a username."), autocomplete="username", description="Short."
    )
    middle_initial = text_field(N_("Middle initial"), autocomplete="additional-name")
    email = email_field(N_("Email address"), Required("Enter your email address."))
    language = SelectField(
        N_("Language"), choices=[SelectChoice("en", "English"), SelectChoice("es", "<b>100 %</b>")]
    )
    code = code_field(N_("Code"))
    new_password = password_field(
        N_("Password"), Required("Enter a password."), autocomplete="new-password"
    )
    confirm_password = password_field(N_("Confirm password"), autocomplete="new-password")
    terms = BooleanField(N_("I accept the terms of use"))


def add_sample_page(app: Flask, body: str, **values: Any) -> None:
    """Serve a template's body at PATH; its form is checked when it is posted.

    body: Jinja with every macro imported; values: what it needs besides `form`.
    """
    templates = DictLoader({"sample.html": f"{_IMPORTS}{body}{{% endblock %}}"})
    app.jinja_loader = ChoiceLoader([templates, app.jinja_loader or DictLoader({})])

    @page("anyone")
    def sample() -> Response:
        form = SampleForm()
        if request.method == "POST":
            form.validate()
        return render("sample.html", form=form, **values)

    app.add_url_rule(PATH, "sample", sample, methods=["GET", "POST"])


def serve_to(browser_page: Page, app: Flask) -> None:
    """Let a browser's page reach the application in this process, at its issuer's address."""
    client = app.test_client()

    def answer(route: Route) -> None:
        wanted = route.request
        with client.open(
            wanted.url, method=wanted.method, headers=wanted.headers, data=wanted.post_data_buffer
        ) as response:
            route.fulfill(
                status=response.status_code, headers=dict(response.headers), body=response.data
            )

    browser_page.route(f"{ISSUER}/**", answer)
