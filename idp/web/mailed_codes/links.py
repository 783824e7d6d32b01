"""The first page behind every mailed link."""

from flask import Response, request

from idp.web import tabs
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.mailed_codes import service
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303


def take(purpose: Purpose, onward: str, *, return_to: str = tabs.HOME) -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11).

    onward: the page with the button. return_to: where the way leads when it is done.
    """
    token, browser = request.args.get("token", ""), current_browser().digest
    transaction = service.keep_link(current_context(), browser, purpose, token, return_to=return_to)
    return redirect_303(onward, tx=transaction.handle)
