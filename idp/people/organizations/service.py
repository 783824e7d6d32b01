"""Use of organizations: finding and adding; changes are made inside `writing`."""

from sqlalchemy import select

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.results import Refused
from idp.people.organizations.model import Organization
from idp.people.organizations.rules import is_npi

__all__ = ["Organization", "add", "by_name", "by_npi", "line_of"]


def by_npi(ctx: Context, npi: str) -> Organization | None:
    """Return the provider with a National Provider Identifier."""
    return ctx.db.scalar(select(Organization).where(Organization.npi == npi))


def by_name(ctx: Context, name: str) -> Organization | None:
    """Return the organization with a name."""
    return ctx.db.scalar(select(Organization).where(Organization.name == name))


def line_of(ctx: Context, organization_id: str) -> list[Organization]:
    """Return an organization, its parent, and so on to the top."""
    line: list[Organization] = []
    next_id: str | None = organization_id
    while next_id and next_id not in {place.id for place in line}:
        line.append(ctx.db.get_one(Organization, next_id))
        next_id = line[-1].parent_id
    return line


def add(
    ctx: Context,
    *,
    kind: str,
    name: str,
    npi: str | None = None,
    parent_id: str | None = None,
    verified: bool = False,
) -> Organization | Refused:
    """Add an organization; `Refused`: npi_invalid, npi_taken.

    An unverified provider gives nobody a right (accounts.md section 5).
    """
    if npi is not None and not is_npi(npi):
        return Refused("npi_invalid", "npi")
    if npi is not None and by_npi(ctx, npi):
        return Refused("npi_taken", "npi")
    row = Organization(
        id=new_id(),
        kind=kind,
        name=name,
        npi=npi,
        parent_id=parent_id,
        verified_at=ctx.now() if verified else None,
        created_at=ctx.now(),
    )
    ctx.db.add(row)
    ctx.db.flush()
    return row
