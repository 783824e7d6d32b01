"""What the worker does from time to time for the ground floor; the composition root adds more."""

from idp.foundation.audit.chain import link_pending, noted_head
from idp.foundation.context import Context
from idp.foundation.logging import get_logger
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.outbox import service as outbox
from idp.foundation.outbox.worker import PeriodicJob
from idp.foundation.rate_limits import service as rate_limits
from idp.foundation.signing_keys import lifecycle

log = get_logger("idp.housekeeping")

_FEW_SECONDS = 5
_MINUTE = 60
_HOUR = 3600


def foundation_jobs() -> tuple[PeriodicJob, ...]:
    """Return the periodic jobs of the audit trail, the codes, the limits and the outbox."""
    return (
        PeriodicJob("audit.link", 1, link_pending),
        PeriodicJob("audit.link_everything", _HOUR, _link_everything),
        PeriodicJob("audit.note_head", 15 * _MINUTE, note_head),
        PeriodicJob("codes.purge", 10 * _MINUTE, one_time_codes.purge),
        PeriodicJob("limits.purge", 10 * _MINUTE, rate_limits.purge),
        PeriodicJob("outbox.purge", _HOUR, outbox.purge),
        PeriodicJob("keys.advance", _FEW_SECONDS, lifecycle.advance),
    )


def note_head(ctx: Context) -> None:
    """Write the end of the audit chain to the log.

    The log leaves this machine; so an auditor can find a trail that somebody with the database
    put back to an earlier state as a whole (`verify(ctx, noted)`).
    """
    head = noted_head(ctx)
    if head is not None:
        log.info("audit chain ends", position=head.position, hash=head.hash)


def _link_everything(ctx: Context) -> int:
    return link_pending(ctx, everything=True)
