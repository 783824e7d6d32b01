"""Links that notices carry: to cancel, to undo, to restore."""

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose


def make(ctx: Context, purpose: Purpose, subject: str) -> str:
    """Return the token of a new link that works at once; inside `writing`.

    What it stops or undoes does not wait for the mail, so neither does its life. An earlier link
    of the same subject goes on working: the person may open either mail.
    """
    issued = one_time_codes.issue(ctx, purpose, transaction_id=new_id(), subject=subject)
    one_time_codes.start_life(ctx, issued.id)
    return issued.link_token
