"""Choosing a password: the two fields, and every unmet rule at once at the first of them."""

import unicodedata
from collections.abc import Callable, Sequence

from flask_wtf import FlaskForm
from wtforms import Field, ValidationError

from idp.foundation.language import N_
from idp.foundation.policy_models.password import PasswordProfile
from idp.web.forms import Form, Required, password_field
from idp.web.language import say

WORDS = {
    "too_short": N_("Use at least %(least)s characters."),
    "too_long": N_("Use at most %(most)s characters."),
    "characters": N_("Leave out characters that cannot be seen, such as tabs."),
    "categories": N_(
        "Use at least %(kinds)s of these: capital letters, small letters, digits, symbols or "
        "spaces, letters of an alphabet without capitals."
    ),
    "personal": N_("Leave out your username and every part of your name, backwards as well."),
    "sequence": N_("Leave out rows such as 123, abcd or aaa."),
    "common_word": N_(
        "Most of this is one common word. Use several words that do not belong together."
    ),
    "common": N_("Attackers know this password and try it first. Choose another one."),
    "used_before": N_("You have used this password before. Choose another one."),
}


def _same_password(form: FlaskForm, field: Field) -> None:
    one, other = (
        unicodedata.normalize("NFC", text or "") for text in (field.data, form.new_password.data)
    )
    if one != other:
        raise ValidationError(say(N_("The two passwords are not the same.")))


class NewPasswordForm(Form):
    """A new password, twice; the page shows it with the macro of macros/new_password.html."""

    new_password = password_field(
        N_("Password"), Required(N_("Choose a password.")), autocomplete="new-password"
    )
    confirm_password = password_field(
        N_("Password again"),
        Required(N_("Enter the password once more.")),
        _same_password,
        autocomplete="new-password",
    )


def chosen(
    form: NewPasswordForm, judge: Callable[[str], Sequence[str]], profile: PasswordProfile
) -> str | None:
    """Return the password that was chosen, or None with what is wrong shown at its fields.

    judge: returns the keys of every rule that a password breaks; asked only about what can be read.
    """
    form.validate()
    if form.new_password.data and not form.new_password.errors:
        show_unmet(form.new_password, judge(form.new_password.data), profile)
    return None if form.errors else form.new_password.data


def show_unmet(field: Field, unmet: Sequence[str], profile: PasswordProfile) -> None:
    """Put the words of every unmet rule (keys of credentials.rules.unmet) at the field."""
    values = {
        "least": profile.min_length,
        "most": profile.max_length,
        "kinds": profile.min_categories,
    }
    field.errors = [*field.errors, *(say(WORDS[key], **values) for key in unmet)]
