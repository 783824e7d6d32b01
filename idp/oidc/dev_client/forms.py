"""The parameters of an authorization request that can be tried."""

from collections.abc import Iterable

from wtforms import BooleanField, SelectField

from idp.foundation.language import N_
from idp.oidc import scopes
from idp.oidc.authorization import prompt, response_mode
from idp.web.forms import AtMost, Form, text_field

_LONGEST = 2000


def _choices(values: Iterable[str]) -> dict[str, str]:
    return {"": "–", **{value: value for value in values}}


class RequestForm(Form):
    """What may be changed; the rest (client, redirect, state, nonce, PKCE) is made each time."""

    scope = text_field(
        N_("Scopes (scope)"), AtMost(_LONGEST), default=scopes.join(scopes.KNOWN[:3])
    )
    prompt = SelectField(
        N_("Pages to show or not (prompt)"),
        choices=_choices(prompt.PROMPTS),
    )
    response_mode = SelectField(
        N_("How the answer travels (response_mode)"),
        choices=_choices(response_mode.MODES),
    )
    max_age = text_field(N_("Longest time since the sign-in, in seconds (max_age)"), AtMost(12))
    acr_values = text_field(N_("Wished strength of the sign-in (acr_values)"), AtMost(_LONGEST))
    login_hint = text_field(N_("Whom the page should expect (login_hint)"), AtMost(320))
    ui_locales = text_field(N_("Language of the pages (ui_locales)"), AtMost(_LONGEST))
    claims = text_field(N_("Single claims, as JSON (claims)"), AtMost(_LONGEST))
    without_pkce = BooleanField(N_("Leave PKCE out, to see it refused"))

    def wishes(self) -> dict[str, str]:
        """Return the parameters that were filled in."""
        names = (
            "scope", "prompt", "response_mode", "max_age", "acr_values", "login_hint",
            "ui_locales", "claims",
        )  # fmt: skip
        return {name: self[name].data for name in names if self[name].data}
