"""Pages of registration, one for each step; every step posts, is kept, and leads to the next."""

from typing import Any

from flask import Blueprint, Response

from idp.flows.registration import progress, rules, service
from idp.flows.registration.forms import (
    AccountTypeForm,
    BusinessDetailsForm,
    ContactForm,
    DetailsForm,
    PasswordForm,
    ProvenContactForm,
    StepForm,
)
from idp.flows.registration.onward import is_allowed, lead_on, say_wait
from idp.flows.registration.progress import Proof
from idp.flows.registration.rules import Step
from idp.flows.registration.verification import pages as verification_pages
from idp.foundation.policy_models.one_time_codes import Purpose
from idp.web import language, tabs
from idp.web.context import current_context, parts
from idp.web.guards import page
from idp.web.new_passwords import show_unmet
from idp.web.pages import redirect_303, render
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("registration", __name__)
blueprint.register_blueprint(verification_pages.blueprint)
_EMPLOYEE = "/register/employee"
_DAY_SECONDS = 86400
_TEMPLATES = {
    Step.ACCOUNT_TYPE: "registration/account_type.html",
    Step.DETAILS: "registration/details.html",
    Step.CONTACT: "registration/contact.html",
    Step.PASSWORD: "registration/password.html",
}


@blueprint.get(Step.ACCOUNT_TYPE)
@page("anyone")
def show_account_type() -> Response:
    """Ask what the account is for; an application's prompt=create leads here, too."""
    return _show(Step.ACCOUNT_TYPE, tabs.present_tab(Step.ACCOUNT_TYPE))


@blueprint.post(Step.ACCOUNT_TYPE)
@page("anyone")
def keep_account_type() -> Response:
    """Keep what the account is for; employees are told whom to ask."""
    tab = tabs.opened_tab(Step.ACCOUNT_TYPE)
    form = AccountTypeForm()
    if form.validate() and form.account_type.data == rules.EMPLOYEE:
        return redirect_303(_EMPLOYEE, tx=tab.handle)
    return _keep(Step.ACCOUNT_TYPE, tab, form)


@blueprint.get(_EMPLOYEE)
@page("anyone")
def show_employee() -> Response:
    """Tell state and local employees who gives them an account."""
    tab = tabs.present_tab(Step.ACCOUNT_TYPE)
    life = parts().policies.one_time_codes.lives[Purpose.INVITATION]
    return render(
        "registration/employee.html",
        transaction=tab,
        tx=tab.handle if tab else "",
        invitation_days=life.link_seconds // _DAY_SECONDS,
    )


@blueprint.get(Step.DETAILS)
@page("anyone")
def show_details() -> Response:
    """Ask for a username and the name."""
    return _show(Step.DETAILS, tabs.required_tab(Step.ACCOUNT_TYPE))


@blueprint.post(Step.DETAILS)
@page("anyone")
def keep_details() -> Response:
    """Keep username and name; whether the username is taken is told to nobody unproven."""
    tab = tabs.required_tab(Step.ACCOUNT_TYPE)
    return _keep(Step.DETAILS, tab, _form_class(Step.DETAILS, tab)())


@blueprint.get(Step.CONTACT)
@page("anyone")
def show_contact() -> Response:
    """Ask how to reach the person."""
    return _show(Step.CONTACT, tabs.required_tab(Step.ACCOUNT_TYPE))


@blueprint.post(Step.CONTACT)
@page("anyone")
def keep_contact() -> Response:
    """Keep how to reach the person; whether the address is taken is told to nobody unproven."""
    tab = tabs.required_tab(Step.ACCOUNT_TYPE)
    return _keep(Step.CONTACT, tab, _form_class(Step.CONTACT, tab)())


@blueprint.get(Step.PASSWORD)
@page("anyone")
def show_password() -> Response:
    """Ask for a password and the acceptance of the terms."""
    return _show(Step.PASSWORD, tabs.required_tab(Step.ACCOUNT_TYPE))


@blueprint.post(Step.PASSWORD)
@page("anyone")
def finish() -> Response:
    """Take the password, which is kept as a hash alone, and mail the code."""
    tab, form, ctx = tabs.required_tab(Step.ACCOUNT_TYPE), PasswordForm(), current_context()
    draft = progress.draft_of(ctx, tab)
    if owed := rules.step_owed(draft, Step.PASSWORD):
        return redirect_303(owed, tx=tab.handle)
    form.validate()
    if form.new_password.data and not form.new_password.errors:
        if not is_allowed(ctx):  # before the password is judged, which costs work
            return say_wait(ctx)
        unmet = service.unmet_rules(ctx, draft, form.new_password.data)
        show_unmet(form.new_password, unmet, ctx.policies.password.active)
    if form.errors:
        return _answer(Step.PASSWORD, tab, form, UNPROCESSABLE)
    return lead_on(service.submit(ctx, tab, draft, str(form.new_password.data)))


def _show(step: Step, tab: Transaction | None) -> Response:
    """Show a step with what was typed before, or lead to the one that is owed first."""
    ctx = current_context()
    draft = progress.draft_of(ctx, tab)
    if tab and (owed := rules.step_owed(draft, step)):
        return redirect_303(owed, tx=tab.handle)
    if step is Step.CONTACT:
        draft = {"language": ctx.language, "confirm_email": draft.get("email", ""), **draft}
    return _answer(step, tab, _form_class(step, tab)(formdata=None, data=draft))


def _keep(step: Step, tab: Transaction, form: StepForm) -> Response:
    """Keep a step that is complete and lead to the next; else show it with what is wrong."""
    ctx = current_context()
    if owed := rules.step_owed(progress.draft_of(ctx, tab), step):
        return redirect_303(owed, tx=tab.handle)
    if language.is_being_switched():
        return _answer(step, tab, form)
    if not form.validate():
        return _answer(step, tab, form, UNPROCESSABLE)
    proof = Proof.of(tab)
    proven = {"email": proof.email} if proof and step is Step.CONTACT else {}
    service.keep_draft(ctx, tab, {**form.kept(), **proven})
    return redirect_303(rules.step_after(step), tx=tab.handle)


def _form_class(step: Step, tab: Transaction | None) -> type[Any]:
    draft = progress.draft_of(current_context(), tab)
    is_business = draft.get("account_type") == rules.BUSINESS
    is_proven = tab is not None and Proof.of(tab) is not None
    return {
        Step.ACCOUNT_TYPE: AccountTypeForm,
        Step.DETAILS: BusinessDetailsForm if is_business else DetailsForm,
        Step.CONTACT: ProvenContactForm if is_proven else ContactForm,
        Step.PASSWORD: PasswordForm,
    }[step]


def _answer(step: Step, tab: Transaction | None, form: Any, status: int = 200) -> Response:
    draft = progress.draft_of(current_context(), tab)
    return render(
        _TEMPLATES[step],
        status_code=status,
        transaction=tab,
        tx=tab.handle if tab else None,
        form=form,
        draft=draft,
        personal=service.personal_of(draft),
        proof=Proof.of(tab) if tab else None,
    )
