"""Who may open a page: declared at each view, enforced here, listed by `idp routes`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Literal

from flask import request
from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts.rules import CLOSING as CLOSING_STATE
from idp.people.sessions.service import CurrentSession
from idp.web import kept_forms, terms
from idp.web.account_pages import CLOSING
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.pages import is_own_path, redirect_303
from idp.web.resuming import paused_here
from idp.web.sessions import count_activity, current_session
from idp.web.step_up import ask, is_fresh
from idp.web.transactions import service as transactions

Who = Literal["anyone", "signed_in", "client", "bearer", "operator", "development"]
_HOME = "/account"
View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a view declares about itself.

    who: "anyone", "signed_in" (a living session), "client" (the view authenticates a client),
    "bearer" (the view asks for an access token), "operator" (health), "development".
    csrf: whether its POST needs the form token. parses_itself: a protocol endpoint that reads raw
    parameters and answers errors in its own format. The others: see `page`.
    """

    who: Who
    csrf: bool = True
    parses_itself: bool = False
    step_up: str | None = None
    counts_as_activity: bool = True
    while_closing: bool = False
    before_terms: bool = False


def page(
    who: Who,
    *,
    csrf: bool = True,
    parses_itself: bool = False,
    counts_as_activity: bool = True,
    step_up: str | None = None,
    while_closing: bool = False,
    before_terms: bool = False,
) -> Callable[[View], View]:
    """Declare who may open a view; every view has this decorator (a test sees to it).

    A signed-in person's request counts as activity unless the view polls, or a program asks for
    the page on its own: HEAD, and what a browser fetches before anybody clicked. step_up: the
    page needs a second factor shown lately; its value is the page that a form's sender returns to.
    while_closing: the page serves those too whose account is about to be closed; every other one
    leads them to the question whether they keep it. before_terms: the page serves those too who
    owe the terms of use. ValueError: activity was ruled out for a page that never counts it.
    """
    if who != "signed_in" and not counts_as_activity:
        raise ValueError(f"a page for {who} counts no activity anyway")

    declared = Declared(
        who, csrf, parses_itself, step_up, counts_as_activity, while_closing, before_terms
    )

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
            stop = _stop(declared) if who == "signed_in" else None
            return view(*args, **kwargs) if stop is None else stop

        guarded.declared = declared  # type: ignore[attr-defined]
        return guarded

    return declare


def _stop(declared: Declared) -> ResponseReturnValue | None:
    """Return what comes before a page of a signed-in person, the first reason first, or None."""
    is_action = declared.counts_as_activity and _is_action()
    session = count_activity() if is_action else current_session()
    if session is None:
        return _ask_to_sign_in()
    ctx = current_context()
    for reason in (_keeping, _terms, _fresh_factor):
        if (stop := reason(ctx, declared, session)) is not None:
            return stop
    kept_forms.forget_sent(ctx, session.account_id)
    return None


def _keeping(
    _ctx: Context, declared: Declared, session: CurrentSession
) -> ResponseReturnValue | None:
    is_closing = session.account_state == CLOSING_STATE
    return redirect_303(CLOSING) if is_closing and not declared.while_closing else None


def _terms(ctx: Context, declared: Declared, session: CurrentSession) -> ResponseReturnValue | None:
    if declared.before_terms or declared.while_closing or not terms.are_owed(ctx, session):
        return None
    return terms.ask(ctx, _kept_for(session.account_id) or _wanted(_HOME))


def _fresh_factor(
    ctx: Context, declared: Declared, session: CurrentSession
) -> ResponseReturnValue | None:
    if declared.step_up is None or is_fresh(ctx, session):
        return None
    return ask(ctx, session, _kept_for(session.account_id) or _wanted(declared.step_up))


def declared_by(view: object) -> Declared | None:
    """Return what a view declared, or None when it forgot to."""
    return getattr(view, "declared", None)


def _is_action() -> bool:
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose"))
    is_prefetch = any("prefetch" in purpose.casefold() for purpose in purposes)
    return request.method != "HEAD" and not is_prefetch


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send the person to sign in and then back to the page.

    What a form held is kept for whose session it was; its sender goes back to the form's page, and
    to /account when it held nothing.
    """
    paused, ctx = paused_here(), current_context()
    kept = _kept_for(paused.account_id) if paused else None
    with writing(ctx.db):
        transaction = transactions.begin(
            ctx, current_browser().digest, return_to=kept or _wanted(_HOME)
        )
    return redirect_303("/sign-in", tx=transaction.handle)


def _kept_for(account_id: str) -> str | None:
    """Keep what a form holds that cannot be taken now; return its page, None for nothing kept."""
    if request.method != "POST":
        return None
    ctx = current_context()
    with writing(ctx.db):
        return kept_forms.keep(ctx, account_id, request.path, request.form.to_dict())


def _wanted(after_a_form: str) -> str:
    """Return the page that was asked for; a query that no redirect may carry is left out."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else after_a_form
    return next(path for path in (asked, request.path, _HOME) if is_own_path(path))
