"""Rendering of pages, and redirects that stay here."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from idp.foundation.language import LANGUAGES
from idp.web import kept_forms, recovery_banner
from idp.web.account_pages import ACCOUNT_PAGES
from idp.web.context import current_context, parts, readable_path, request_id
from idp.web.security_headers import allow_form_target
from idp.web.sessions import current_session
from idp.web.transactions.service import Transaction

SEE_OTHER = 303


def render(
    template: str,
    *,
    status_code: int = 200,
    transaction: Transaction | None = None,
    own_path: str | None = None,
    **values: Any,
) -> Response:
    """Return a page with what base.html needs: brand, language, session, time left, transaction.

    own_path: where the page can be opened again in another language, when that is neither the
    request's own path nor one above it.
    """
    if transaction is not None and transaction.client is not None:
        allow_form_target(transaction.client.origin)
    session = current_session()
    page = render_template(
        template,
        brand=parts().settings.brand,
        language=g.get("language", "en"),
        languages=LANGUAGES,
        session=session,
        idle=_seconds_left() if session else None,
        policies=parts().policies,
        transaction=transaction,
        request_id=request_id(),
        account_pages=ACCOUNT_PAGES,
        own_path=own_path or _own_path(),
        kept_form=kept_forms.shown(),
        open_recovery=recovery_banner.shown(transaction),
        own_tx=transaction.handle if transaction else _named_tx(),
        **values,
    )
    return make_response(page, status_code)


def redirect_303(path: str, **query: str) -> Response:
    """Return a redirect to one of the provider's own paths, as GET (RFC 9700 §4.12).

    ValueError for anything that could lead elsewhere: a redirect is never built from input.
    """
    if not is_own_path(path):
        raise ValueError("a redirect leads to a path of the provider only")
    separator = "&" if "?" in path else "?"
    location = f"{path}{separator}{urlencode(query)}" if query else path
    response = make_response("", SEE_OTHER)
    response.headers["Location"] = location
    return response


def is_own_path(path: str) -> bool:
    """Tell whether a text is a path of this service: no scheme, host, backslash or control."""
    parsed = urlsplit(path)
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return plain and "\\" not in path and not parsed.scheme and not parsed.netloc


def _own_path() -> str:
    """Return the request's path, or for a form that path or the nearest above that can be read."""
    is_read = request.method in {"GET", "HEAD"}
    return request.path if is_read else readable_path(request.path)


def _named_tx() -> str:
    """Return the transaction that an error page's request named, or ""; it is not looked at."""
    try:
        return request.values.get("tx", "")
    except HTTPException:  # a body that is refused as a whole
        return ""


def _seconds_left() -> int:
    session = current_session()
    if session is None:
        return 0
    ends = min(session.idle_ends_at, session.overall_ends_at)
    return max(0, int((ends - current_context().now()).total_seconds()))
