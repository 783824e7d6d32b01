"""What the pages of second factors share."""

from collections.abc import Sequence
from typing import Any

from flask import Response, make_response

from idp.flows.mfa import qr, rules
from idp.flows.mfa.forms import WORDS
from idp.flows.mfa.new_factors import Draft
from idp.foundation.language import N_
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import parts
from idp.web.forms import Form
from idp.web.language import say
from idp.web.transactions.service import Transaction


def refuse_or_restart(form: Form, transaction: Transaction, refused: Refused) -> None:
    """Show a refusal at its field; a way that ended in another tab is stale here (StaleTab)."""
    if refused.key == "finished_elsewhere":
        raise tabs.StaleTab(transaction.client)
    form.refuse(Refused(refused.key, refused.field), WORDS)


def app_values(draft: Draft) -> dict[str, Any]:
    """Return what a page that sets up an app shows of its secret."""
    label = say(N_("QR code for your authenticator app"))
    return {
        "picture": qr.svg(draft.uri, label),
        "secret": rules.grouped(draft.secret),
        "uri": draft.uri,
    }


def codes_file(codes: Sequence[str], username: str) -> Response:
    """Hand recovery codes over as a text file, from what the server keeps."""
    title = say(N_("Recovery codes of %(username)s"), username=username)
    name = parts().settings.brand.name
    text = "\r\n".join([name, title, say(N_("Each works once.")), "", *codes, ""])
    response = make_response(text)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response
