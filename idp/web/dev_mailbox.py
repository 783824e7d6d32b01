"""/dev/mailbox: reading, in development and tests, the mails that no mail server was named for.

Registered only where settings.shows_dev_pages says so; production has neither page nor mails. Mails
hold codes and links, so only this machine is answered, and nobody behind a proxy.
"""

import ipaddress
from dataclasses import asdict

from flask import Blueprint, Response, abort, jsonify, make_response, request

from idp.foundation.mail import mailbox
from idp.foundation.mail.mailbox import KeptMail
from idp.web.context import client_address, current_context, parts
from idp.web.guards import page
from idp.web.pages import render

blueprint = Blueprint("dev_mailbox", __name__, url_prefix="/dev/mailbox")

# The mail's own page runs no script, loads nothing and has an origin of its own.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox allow-popups"
)
_NOT_FOUND = 404


@blueprint.before_request
def refuse_others() -> None:
    """Answer 404 to every peer but this machine, and to all when a proxy stands before it."""
    peer = client_address(request)
    is_here = peer is not None and ipaddress.ip_address(peer).is_loopback
    if not is_here or parts().settings.trusted_proxies:
        abort(_NOT_FOUND)


@blueprint.get("")
@page("development", csrf=False)
def show_all() -> Response:
    """List the mails, the newest first; ?to= for one address, ?format=json with their content."""
    mails = mailbox.newest(current_context(), to=request.args.get("to"))
    if request.args.get("format") == "json":
        return jsonify([_as_json(mail) for mail in mails])
    return render("dev/mailbox.html", mails=mails)


@blueprint.get("/<mail_id>")
@page("development", csrf=False)
def show(mail_id: str) -> Response:
    """Show a mail's text."""
    return render("dev/mail.html", mail=_found(mail_id))


@blueprint.get("/<mail_id>/html")
@page("development", csrf=False)
def show_html(mail_id: str) -> Response:
    """Show a mail's HTML as a page of its own, as a careful mail program would."""
    response = make_response(_found(mail_id).html)
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    return response


def _found(mail_id: str) -> KeptMail:
    found = mailbox.one(current_context(), mail_id)
    if found is None:
        abort(_NOT_FOUND)
    return found


def _as_json(mail: KeptMail) -> dict[str, str]:
    return {**asdict(mail), "received_at": mail.received_at.isoformat()}
