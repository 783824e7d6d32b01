"""How often mails of one kind go to one mailbox, whoever asks (RC-12, RG-04, LG-05)."""

import math
from dataclasses import dataclass
from datetime import timedelta

from idp.foundation.context import Context
from idp.foundation.one_time_codes import rules, store
from idp.foundation.policy_models.rate_limits import MailSpacing


@dataclass(frozen=True, slots=True)
class Allowed:
    """A mail may go now; it has been counted."""


@dataclass(frozen=True, slots=True)
class Wait:
    """No mail may go for so many seconds. Flows show the same page and send nothing."""

    seconds: int


def may_send(
    ctx: Context, share: str, address: str, spacing: MailSpacing | None = None
) -> Allowed | Wait:
    """Ask for, and count, one mail to an address; inside the caller's `writing`.

    share: the purpose of the mail's code, or another name for a kind of mail. Each has its own
    share, so that somebody who registers with another person's address uses up no mail that
    unlocks (case LG-05). Ask also for addresses without an account, so that answers and their
    time stay the same. spacing: that of code mails when missing.
    """
    spacing = spacing or ctx.policies.rate_limits.code_mail
    key = ctx.digests.keyed("code_mail", f"{share}:{rules.mailbox_of(address)}")
    row = store.locked_count(ctx.db, key, ctx.now())
    now = ctx.now().timestamp()
    wait = rules.seconds_to_wait(
        row.sent_at, now, spacing.waits_seconds, spacing.per_hour, spacing.per_day
    )
    if wait > 0:
        return Wait(math.ceil(wait))
    row.sent_at = [*rules.recent(row.sent_at, now), now]
    row.purge_after = ctx.now() + timedelta(seconds=rules.DAY_SECONDS)
    ctx.db.flush()
    return Allowed()
