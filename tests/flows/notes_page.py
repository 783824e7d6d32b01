"""Two pages with a form, as pages of one's own account have it."""

from flask import Blueprint, Flask, Response
from jinja2 import ChoiceLoader, DictLoader
from wtforms import BooleanField

from idp.foundation.language import N_
from idp.web.forms import Form, password_field, text_field
from idp.web.guards import page
from idp.web.pages import redirect_303, render

NOTES, SECURED = "/account/notes", "/account/secured"
_TEMPLATE = """
{% extends "base.html" %}
{% from "macros/forms.html" import checkbox, field, form_close, form_open, password, submit %}
{% block page_heading %}Notes{% endblock %}
{% block main %}{% if form %}{{ form_open(path, form) }}
{{ field(form.name) }}{{ field(form.code) }}{{ password(form.password) }}{{ checkbox(form.y) }}
{{ submit("Save") }}{{ form_close() }}{% endif %}{% endblock %}"""


class NotesForm(Form):
    """A form as pages of one's own account have it."""

    name = text_field(N_("Name"), default="as it was")
    code = text_field("Code")
    password = password_field(N_("Password"), autocomplete="current-password")
    y = BooleanField("Yes", default=True)


def add_pages(app: Flask) -> list[str]:
    """Add two pages with a form, the second for a fresh factor alone; return what is saved."""
    saved: list[str] = []
    blueprint = Blueprint("notes", __name__)

    def show(path: str) -> Response:
        return render("notes.html", form=NotesForm(), path=path)

    def save(path: str) -> Response:
        saved.append(NotesForm().name.data or "")
        return redirect_303(path)

    for path, step_up in ((NOTES, None), (SECURED, SECURED)):
        guarded = page("signed_in", step_up=step_up)
        arguments = {"defaults": {"path": path}}
        blueprint.add_url_rule(path, f"show{path[9:]}", guarded(show), **arguments)  # type: ignore[arg-type]
        blueprint.add_url_rule(
            path,
            f"save{path[9:]}",
            guarded(save),
            methods=["POST"],
            **arguments,  # type: ignore[arg-type]
        )
    app.register_blueprint(blueprint)
    assert app.jinja_loader
    app.jinja_loader = ChoiceLoader([DictLoader({"notes.html": _TEMPLATE}), app.jinja_loader])
    return saved
