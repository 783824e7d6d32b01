"""Pages that prove a mailbox: the code in the first tab, the link anywhere."""

from typing import Any

from flask import Blueprint, Response, request

from idp.flows.registration import service as registration
from idp.flows.registration.onward import (
    REGISTER,
    TAKEN,
    USERNAME,
    VERIFY,
    is_allowed,
    lead_on,
    say_wait,
)
from idp.flows.registration.progress import Awaited, Outcome, Proof, is_taken
from idp.flows.registration.verification import service
from idp.flows.registration.verification.forms import (
    WORDS,
    CodeForm,
    ConfirmForm,
    PasswordConfirmForm,
    UsernameForm,
)
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL, proven
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("verification", __name__)
_LINK, _CONFIRM = "/verify-email/link", "/verify-email/confirm"
_NOT_FOUND = 404


@blueprint.get(VERIFY)
@page("anyone")
def show_waiting() -> Response:
    """Say that a mail may have been sent, and ask for its code."""
    tab = tabs.required_tab(REGISTER)
    if Awaited.of(tab) is None:
        return _past_waiting(tab)
    return _waiting(tab, CodeForm(formdata=None))


@blueprint.post(VERIFY)
@page("anyone")
def check_code() -> Response:
    """Redeem the code; one answer for wrong, old and used ones."""
    tab, form = tabs.required_tab(REGISTER), CodeForm()
    if Awaited.of(tab) is None:
        return _past_waiting(tab)
    if form.validate():
        reached = service.confirm_code(current_context(), tab, form.code.data or "")
        if isinstance(reached, Outcome):
            return lead_on(reached)
        form.refuse(reached, WORDS)
    return _waiting(tab, form, UNPROCESSABLE)


@blueprint.post("/verify-email/resend")
@page("anyone")
def resend() -> Response:
    """Mail another code, or say how long to wait."""
    tab = tabs.required_tab(REGISTER)
    refused = registration.resend(current_context(), tab)
    return redirect_303(VERIFY, tx=tab.handle, notice="wait" if refused else "sent")


@blueprint.get(_LINK)
@page("anyone")
def follow_link() -> Response:
    """Take the secret out of the address; nothing is consumed and nothing shown of it."""
    token = request.args.get("token", "")
    tab = service.keep_link(current_context(), current_browser().digest, token)
    return redirect_303(_CONFIRM, tx=tab.handle) if tab else _dead_link()


@blueprint.get(_CONFIRM)
@page("anyone")
def show_confirm() -> Response:
    """Ask to confirm the address by a button, and elsewhere for the password as well."""
    tab = tabs.required_tab(REGISTER)
    form = _confirm_form(tab, formdata=None)
    return _confirm(tab, form) if form else _dead_link()


@blueprint.post(_CONFIRM)
@page("anyone")
def confirm() -> Response:
    """Redeem the link, once."""
    tab, ctx = tabs.required_tab(REGISTER), current_context()
    form = _confirm_form(tab)
    if form is None:
        return _dead_link()
    if form.validate():
        password = str(form.password.data) if isinstance(form, PasswordConfirmForm) else ""
        reached = service.confirm_link(ctx, current_browser().digest, tab, password)
        if isinstance(reached, Outcome):
            return lead_on(reached)
        if reached.key == "code_not_accepted":
            return _dead_link()
        form.refuse(reached, WORDS)
    return _confirm(tab, form, UNPROCESSABLE)


@blueprint.post("/verify-email/anew")
@page("anyone")
def begin_anew() -> Response:
    """Take nothing of what was typed for this mailbox; its prover types everything."""
    reached = service.begin_anew(current_context(), tabs.required_tab(REGISTER))
    return lead_on(reached) if isinstance(reached, Outcome) else _dead_link()


@blueprint.get(USERNAME)
@page("anyone")
def show_username() -> Response:
    """Say that the username is taken, which only the mailbox's prover learns."""
    tab = tabs.required_tab(REGISTER)
    form = UsernameForm(formdata=None)
    return _username(tab, form) if _owes_username(tab) else _past_waiting(tab)


@blueprint.post(USERNAME)
@page("anyone")
def choose_username() -> Response:
    """Open the account under another username."""
    tab, form, ctx = tabs.required_tab(REGISTER), UsernameForm(), current_context()
    if not _owes_username(tab):
        return _past_waiting(tab)
    if form.validate():
        if not is_allowed(ctx):
            return say_wait(ctx)
        username, password = form.username.data or "", form.password.data or ""
        reached = service.choose_username(ctx, tab, username, password)
        if isinstance(reached, Outcome) and reached.kind != "username_taken":
            return lead_on(reached)
        taken = Refused("username_taken", "username")
        form.refuse(reached if isinstance(reached, Refused) else taken, WORDS)
    return _username(tab, form, UNPROCESSABLE)


@blueprint.get(TAKEN)
@page("anyone")
def show_taken() -> Response:
    """Say that the proven mailbox has an account already."""
    tab = tabs.required_tab(REGISTER)
    if not is_taken(tab):
        return _past_waiting(tab)
    return render("registration/already_registered.html", transaction=tab, tx=tab.handle)


def _waiting(tab: Transaction, form: CodeForm, status: int = 200) -> Response:
    ctx, awaited = current_context(), Awaited.of(tab)
    return render(
        "registration/check_email.html",
        status_code=status,
        transaction=tab,
        tx=tab.handle,
        form=form,
        email=awaited.email if awaited else "",
        notice=request.args.get("notice", ""),
        seconds=registration.seconds_until_next_mail(ctx, awaited) if awaited else 0,
        spacing=ctx.policies.rate_limits.code_mail,
    )


def _confirm_form(tab: Transaction, **options: Any) -> ConfirmForm | PasswordConfirmForm | None:
    """Return the form that a kept link asks for, or None when the link no longer works."""
    link = service.look_at_link(current_context(), current_browser().digest, tab)
    if link is None:
        return None
    return PasswordConfirmForm(**options) if link.asks_password else ConfirmForm(**options)


def _confirm(
    tab: Transaction, form: ConfirmForm | PasswordConfirmForm, status: int = 200
) -> Response:
    template = "registration/confirm.html"
    return render(template, status_code=status, transaction=tab, tx=tab.handle, form=form)


def _username(tab: Transaction, form: UsernameForm, status: int = 200) -> Response:
    return render(
        "registration/username.html",
        status_code=status,
        transaction=tab,
        tx=tab.handle,
        form=form,
        suggestions=service.suggestions(current_context(), tab),
    )


def _owes_username(tab: Transaction) -> bool:
    proof = Proof.of(tab)
    return proof is not None and proof.registration_id is not None


def _past_waiting(tab: Transaction) -> Response:
    """Lead to where the transaction is: a reload or the back button does no harm."""
    if proven(current_context(), tab):
        return redirect_303(ENROLL, tx=tab.handle)
    if is_taken(tab):
        return redirect_303(TAKEN, tx=tab.handle)
    return redirect_303(USERNAME if _owes_username(tab) else REGISTER, tx=tab.handle)


def _dead_link() -> Response:
    """One page for wrong, old and used links."""
    return render("registration/dead_link.html", status_code=_NOT_FOUND)
