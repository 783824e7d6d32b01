"""Queries of mailed codes and links. Every redemption is ONE statement, so only one can win."""

from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, exists, null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from idp.foundation.one_time_codes.model import CodeMailCount, OneTimeCode


def add(session: Session, row: OneTimeCode) -> None:
    """Keep a new code."""
    session.add(row)
    session.flush()


def start_life(
    session: Session,
    code_id: str,
    code_ends_at: datetime,
    link_ends_at: datetime,
    purge_after: datetime,
) -> bool:
    """Write when code and link end; False when the code is dead or no longer the newest."""
    statement = (
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, *_alive())
        .values(code_ends_at=code_ends_at, link_ends_at=link_ends_at, purge_after=purge_after)
        .returning(OneTimeCode.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def is_alive(session: Session, code_id: str) -> bool:
    """Tell whether a code is the newest of its transaction, unused and not void."""
    statement = select(OneTimeCode.id).where(OneTimeCode.id == code_id, *_alive())
    return session.scalar(statement) is not None


def purpose_of(session: Session, code_id: str) -> str | None:
    """Return what a code is for."""
    return session.scalar(select(OneTimeCode.purpose).where(OneTimeCode.id == code_id))


def try_code(
    session: Session, purpose: str, transaction_id: str, code_hash: str, now: datetime, tries: int
) -> tuple[str, str] | None:
    """Count a try and, when the code is right, consume it; return (id, subject) then.

    Counting and comparing are one statement: parallel guesses are all counted.
    """
    row = session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.transaction_id == transaction_id,
            OneTimeCode.purpose == purpose,
            OneTimeCode.code_ends_at > now,
            OneTimeCode.tries < tries,
            *_alive(),
        )
        .values(
            tries=OneTimeCode.tries + 1,
            consumed_at=case((OneTimeCode.code_hash == code_hash, now), else_=null()),
        )
        .returning(OneTimeCode.id, OneTimeCode.subject, OneTimeCode.consumed_at)
        .execution_options(synchronize_session=False)
    ).first()
    return (row[0], row[1]) if row is not None and row[2] is not None else None


def by_link(session: Session, purpose: str, link_hash: str, now: datetime) -> OneTimeCode | None:
    """Return the living code that a link belongs to; changes nothing."""
    return session.scalars(select(OneTimeCode).where(*_link(purpose, link_hash, now))).first()


def consume_link(
    session: Session, purpose: str, link_hash: str, now: datetime
) -> tuple[str, str, str] | None:
    """Consume a link; return (id, subject, transaction id), or None when it no longer works."""
    row = session.execute(
        update(OneTimeCode)
        .where(*_link(purpose, link_hash, now))
        .values(consumed_at=now)
        .returning(OneTimeCode.id, OneTimeCode.subject, OneTimeCode.transaction_id)
        .execution_options(synchronize_session=False)
    ).first()
    return None if row is None else (row[0], row[1], row[2])


def void(session: Session, now: datetime, *which: ColumnElement[bool]) -> None:
    """End every unused code of some kind.

    One that another transaction holds just now is being used there: it is left alone, because
    waiting for each other would end in a deadlock.
    """
    chosen = (
        select(OneTimeCode.id)
        .where(OneTimeCode.consumed_at.is_(None), OneTimeCode.voided_at.is_(None), *which)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id.in_(chosen))
        .values(voided_at=now)
        .execution_options(synchronize_session=False)
    )


def of_transaction(purpose: str, transaction_id: str) -> ColumnElement[bool]:
    """Codes that one transaction asked for."""
    return (OneTimeCode.transaction_id == transaction_id) & (OneTimeCode.purpose == purpose)


def of_subject(purpose: str, subject: str) -> ColumnElement[bool]:
    """Codes about one subject, whatever transaction asked."""
    return (OneTimeCode.subject == subject) & (OneTimeCode.purpose == purpose)


def purge(session: Session, now: datetime) -> int:
    """Delete what can no longer be used."""
    codes = delete(OneTimeCode).where(OneTimeCode.purge_after < now).returning(OneTimeCode.id)
    counts = delete(CodeMailCount).where(CodeMailCount.purge_after < now)
    session.execute(counts)
    return len(session.scalars(codes).all())


def locked_count(session: Session, address_hash: str, now: datetime) -> CodeMailCount:
    """Return the row of an address, made when missing, locked until the transaction ends."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(CodeMailCount)
        .values(address_hash=address_hash, sent_at=[], purge_after=now)
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(CodeMailCount)
        .where(CodeMailCount.address_hash == address_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _alive() -> list[ColumnElement[bool]]:
    # The newest of its transaction and purpose, neither used nor voided. Issuing voids the older
    # ones; that the newest is asked for again here settles two issued at the same moment.
    newer = aliased(OneTimeCode)
    return [
        OneTimeCode.consumed_at.is_(None),
        OneTimeCode.voided_at.is_(None),
        ~exists(
            select(newer.id).where(
                newer.transaction_id == OneTimeCode.transaction_id,
                newer.purpose == OneTimeCode.purpose,
                newer.id > OneTimeCode.id,
                newer.voided_at.is_(None),
            )
        ),
    ]


def _link(purpose: str, link_hash: str, now: datetime) -> list[ColumnElement[bool]]:
    return [
        OneTimeCode.link_hash == link_hash,
        OneTimeCode.purpose == purpose,
        OneTimeCode.link_ends_at > now,
        *_alive(),
    ]
