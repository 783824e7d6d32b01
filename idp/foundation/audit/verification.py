"""Finding what somebody changed in the audit trail, and naming the place (ASVS V16.4.2)."""

from dataclasses import dataclass
from enum import StrEnum

from idp.foundation.audit import rules, store
from idp.foundation.audit.chain import Head, is_genuine, link_pending
from idp.foundation.audit.events import Event
from idp.foundation.audit.model import AuditEvent, AuditHead, AuditLink
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing


class Fault(StrEnum):
    """What can be wrong with the trail."""

    CHANGED = "changed"
    DELETED = "deleted"
    TAIL_CUT = "tail_cut"
    INSERTED = "inserted"
    CHAIN_BROKEN = "chain_broken"
    HEAD_FORGED = "head_forged"
    HEAD_MISSING = "head_missing"
    NOTED_HEAD_DIFFERS = "noted_head_differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, at which position of the chain, and about which record."""

    fault: Fault
    position: int
    event_id: str | None
    detail: str


def verify(ctx: Context, noted: Head | None = None) -> list[Finding]:
    """Walk the whole trail and name each place that is not as it was written.

    Links what is pending first, holds no lock while walking, and records that it was done.
    noted: a head that was kept elsewhere; finds a trail that was put back as a whole.
    """
    link_pending(ctx, everything=True)
    head, length = store.end(ctx.db)
    walk = _Walk(ctx, noted)
    for link, event in store.chain(ctx.db, length):
        walk.check(link, event)
    walk.check_end(head)
    walk.check_unlinked()
    with writing(ctx.db):
        changes = {"position": walk.position, "findings": len(walk.findings)}
        outcome = "failure" if walk.findings else "success"
        record(ctx, Event.AUDIT_VERIFIED, outcome=outcome, changes=changes)
    return walk.findings


class _Walk:
    """One pass over the chain: remembers the link before, and what was found."""

    def __init__(self, ctx: Context, noted: Head | None) -> None:
        self._ctx = ctx
        self._digests = ctx.parts.audit_digests
        self._noted = noted
        self._hash = rules.GENESIS
        self.position = 0
        self.findings: list[Finding] = []

    def check(self, link: AuditLink, event: AuditEvent | None) -> None:
        """Compare one link with its place, its record and the link before it."""
        if link.position != self.position + 1:
            gap = f"links {self.position + 1} to {link.position - 1} are missing"
            self._found(Fault.DELETED, self.position + 1, None, gap)
        elif link.prev_hash != self._hash:
            detail = "the link before it is not the one that it was made after"
            self._found(Fault.CHAIN_BROKEN, link.position, link.event_id, detail)
        if event is None:
            self._found(Fault.DELETED, link.position, link.event_id, "the record is gone")
        else:
            self._check_pair(link, event)
        self._check_noted(link)
        self.position, self._hash = link.position, link.hash

    def _check_pair(self, link: AuditLink, event: AuditEvent) -> None:
        if not is_genuine(self._ctx, event):
            detail = "the record is not what was written"
            self._found(Fault.CHANGED, link.position, event.id, detail)
        text = rules.link_text(link.position, event.id, event.mac, link.prev_hash)
        if not self._digests.matches("link", text, link.hash):
            detail = "the link was not made by the provider for this record and place"
            self._found(Fault.CHAIN_BROKEN, link.position, event.id, detail)

    def _check_noted(self, link: AuditLink) -> None:
        noted = self._noted
        if noted is not None and noted.position == link.position and noted.hash != link.hash:
            detail = "the link here is not the one noted earlier"
            self._found(Fault.NOTED_HEAD_DIFFERS, link.position, link.event_id, detail)

    def check_end(self, head: AuditHead | None) -> None:
        """Compare the last link with the record of the chain's end, and with the noted one."""
        if self._noted is not None and self._noted.position > self.position:
            detail = "the chain is shorter than noted earlier"
            self._found(Fault.NOTED_HEAD_DIFFERS, self._noted.position, None, detail)
        if head is None:
            if self.position:
                self._found(Fault.HEAD_MISSING, self.position, None, "the chain's end is unknown")
            return
        text = rules.head_text(head.position, head.hash, head.newest_event_id)
        if not self._digests.matches("head", text, head.mac):
            detail = "the record of the chain's end was not made by the provider"
            self._found(Fault.HEAD_FORGED, head.position, None, detail)
        elif head.position > self.position:
            cut = f"links {self.position + 1} to {head.position} are missing"
            self._found(Fault.TAIL_CUT, self.position + 1, None, cut)
        elif (head.position, head.hash) != (self.position, self._hash):
            detail = f"the chain goes on behind its recorded end at {head.position}"
            self._found(Fault.INSERTED, self.position, None, detail)

    def check_unlinked(self) -> None:
        """Name forged records: the provider links its own, and nothing else."""
        for event in store.every_pending(self._ctx.db):
            if not is_genuine(self._ctx, event):
                detail = "the record was not written by the provider"
                self._found(Fault.INSERTED, self.position + 1, event.id, detail)

    def _found(self, fault: Fault, position: int, event_id: str | None, detail: str) -> None:
        self.findings.append(Finding(fault, position, event_id, detail))
