"""Pages of changing an address: asking, proving the new mailbox."""

from typing import cast

from flask import Blueprint, Response, request

from idp.flows.email_change import service, undoing_pages
from idp.flows.email_change.forms import WORDS, NewEmailForm
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.people.email_changes.service import EmailChange, Kind
from idp.people.sessions.service import CurrentSession
from idp.web import language, tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import links
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.forms import CodeForm
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import GONE, UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("email_change", __name__)
blueprint.register_blueprint(undoing_pages.blueprint)
EMAIL = "/account/email"
NEW: dict[Kind, str] = {"primary": f"{EMAIL}/new", "notification": f"{EMAIL}/second"}
CODE = f"{EMAIL}/code"
CONFIRM = f"{EMAIL}/confirm"


@blueprint.get(EMAIL)
@page("signed_in", step_up=EMAIL)
def show() -> Response:
    """Show the addresses, and what waits to be confirmed."""
    return render(
        "email_change/addresses.html",
        addresses=service.addresses(current_context(), _account_id()),
        done=request.args.get("done", ""),
    )


@blueprint.get(NEW["primary"], defaults={"kind": "primary"})
@blueprint.get(NEW["notification"], defaults={"kind": "notification"})
@page("signed_in", step_up=EMAIL)
def show_new(kind: Kind) -> Response:
    """Ask for the new address."""
    return _new_page(kind, NewEmailForm())


@blueprint.post(NEW["primary"], defaults={"kind": "primary"})
@blueprint.post(NEW["notification"], defaults={"kind": "notification"})
@page("signed_in", step_up=EMAIL)
def ask(kind: Kind) -> Response:
    """Mail a code to the new address; the same answer whoever it belongs to."""
    form, ctx = NewEmailForm(), current_context()
    if language.is_being_switched():
        return _new_page(kind, form)
    if not form.validate():
        return _new_page(kind, form, UNPROCESSABLE)
    if not mailed_codes.is_allowed(ctx):
        return too_many(ctx, LimitName.CODE_REQUEST_IP)
    tab = tabs.opened_tab(EMAIL, return_to=EMAIL)
    asked = service.ask(ctx, tab, _account_id(), kind, form.email.data or "")
    if not isinstance(asked, Refused):
        return redirect_303(CODE, tx=asked.handle)
    if asked.key == "held":
        return redirect_303(EMAIL)
    form.refuse(asked, WORDS)
    return _new_page(kind, form, UNPROCESSABLE)


@blueprint.post(f"{EMAIL}/<change_id>/resend")
@page("signed_in")
def send_again(change_id: str) -> Response:
    """Mail a new code for a change that waits, to be typed in this tab."""
    ctx, tab = current_context(), tabs.opened_tab(EMAIL, return_to=EMAIL)
    if not mailed_codes.is_allowed(ctx):
        return too_many(ctx, LimitName.CODE_REQUEST_IP)
    asked = service.send_again(ctx, tab, _account_id(), change_id)
    if not isinstance(asked, Refused):
        return redirect_303(CODE, tx=asked.handle)
    change = service.asked_in(ctx, tab, _account_id())
    if change is None:
        return redirect_303(EMAIL, done=asked.key)
    form = CodeForm(formdata=None)
    form.refuse(asked, WORDS)
    return _code_page(tab, change, form, UNPROCESSABLE)


@blueprint.post(f"{EMAIL}/<change_id>/give-up")
@page("signed_in")
def give_up(change_id: str) -> Response:
    """Give up a change that waits."""
    service.give_up(current_context(), _account_id(), change_id)
    return redirect_303(EMAIL, done="given_up")


@blueprint.post(f"{EMAIL}/second/remove")
@page("signed_in", step_up=EMAIL)
def remove_second() -> Response:
    """Write to the second address no longer."""
    service.remove_second(current_context(), _account_id())
    return redirect_303(EMAIL, done="removed")


@blueprint.get(CODE)
@page("signed_in")
def show_code() -> Response:
    """Say "check your email" and take the code."""
    tab = tabs.required_tab(EMAIL)
    change = service.asked_in(current_context(), tab, _account_id())
    return _code_page(tab, change, CodeForm()) if change else redirect_303(EMAIL)


@blueprint.post(CODE)
@page("signed_in")
def redeem_code() -> Response:
    """Change the address by the code."""
    tab, form, ctx = tabs.required_tab(EMAIL), CodeForm(), current_context()
    change = service.asked_in(ctx, tab, _account_id())
    if change is None:
        return redirect_303(EMAIL)
    if form.validate():
        refused = service.redeem_code(ctx, tab, _account_id(), form.code.data or "")
        if refused is None or refused.key != "code_not_accepted":
            return redirect_303(EMAIL, done=refused.key if refused else "changed")
        form.refuse(refused, WORDS)
    return _code_page(tab, change, form, UNPROCESSABLE)


@blueprint.get(f"{EMAIL}/link")
@page("anyone")
def take_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.EMAIL_CHANGE, CONFIRM, return_to=EMAIL)


@blueprint.get(CONFIRM)
@page("signed_in")
def show_link() -> Response:
    """Show the button, to whom the change belongs alone: nobody adopts another's mailbox."""
    tab = tabs.required_tab(EMAIL)
    change = service.linked(current_context(), tab, _account_id())
    return _confirm_page(tab, change) if change else _dead_link_page(tab)


@blueprint.post(CONFIRM)
@page("signed_in")
def redeem_link() -> Response:
    """Change the address by the link."""
    tab = tabs.required_tab(EMAIL)
    refused = service.redeem_link(current_context(), tab, _account_id())
    if refused is None:
        return redirect_303(EMAIL, done="changed")
    if refused.key == "code_not_accepted":
        return _dead_link_page(tab)
    return redirect_303(EMAIL, done=refused.key)


def _account_id() -> str:
    return cast("CurrentSession", current_session()).account_id


def _new_page(kind: Kind, form: NewEmailForm, status_code: int = 200) -> Response:
    return render(
        "email_change/new.html", status_code=status_code, form=form, kind=kind, action=NEW[kind]
    )


def _code_page(
    tab: Transaction, change: EmailChange, form: CodeForm, status_code: int = 200
) -> Response:
    return render(
        "email_change/code.html",
        status_code=status_code,
        own_path=CODE,
        transaction=tab,
        tx=tab.handle,
        form=form,
        change=change,
    )


def _confirm_page(tab: Transaction, change: EmailChange) -> Response:
    return render("email_change/confirm.html", transaction=tab, tx=tab.handle, change=change)


def _dead_link_page(tab: Transaction) -> Response:
    return render("email_change/dead_link.html", status_code=GONE, transaction=tab)
