"""Roles of which a place always needs somebody: who holds one alone hands it over first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased

from idp.foundation.context import Context
from idp.people.accounts.service import Account
from idp.people.organizations.service import Organization
from idp.people.rights.model import RoleAssignment

# accounts.md section 3, "Close account": the last OA or DA must hand over first.
ROLES = ("office_administrator", "delegated_administrator")


@dataclass(frozen=True, slots=True)
class HeldAlone:
    """A role that nobody else holds at an organization."""

    role: str
    organization: str


def held_alone(ctx: Context, account_id: str) -> Sequence[HeldAlone]:
    """Return the roles that a person must hand over, by organization name.

    Whoever is about to close their own account is no successor.
    """
    other, successor = aliased(RoleAssignment), aliased(Account)
    somebody_else = exists().where(
        other.organization_id == RoleAssignment.organization_id,
        other.role == RoleAssignment.role,
        other.account_id != account_id,
        *_in_force(ctx, other),
        successor.id == other.account_id,
        successor.state == "active",
        successor.closes_at.is_(None),
    )
    rows = ctx.db.execute(
        select(RoleAssignment.role, Organization.name)
        .join(Organization, Organization.id == RoleAssignment.organization_id)
        .where(*_held_by(ctx, account_id), ~somebody_else)
        .order_by(Organization.name, RoleAssignment.role)
    )
    return [HeldAlone(row.role, row.name) for row in rows]


def hold(ctx: Context, account_id: str) -> None:
    """Make two holders of one role who leave at the same moment wait for each other; `writing`."""
    mine: Select[str] = select(RoleAssignment.organization_id).where(*_held_by(ctx, account_id))
    ctx.db.execute(
        select(RoleAssignment.id)
        .where(RoleAssignment.organization_id.in_(mine), RoleAssignment.role.in_(ROLES))
        .order_by(RoleAssignment.id)
        .with_for_update()
    ).all()


def _held_by(ctx: Context, account_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        RoleAssignment.account_id == account_id,
        RoleAssignment.role.in_(ROLES),
        *_in_force(ctx, RoleAssignment),
    )


def _in_force(ctx: Context, row: type[RoleAssignment]) -> tuple[ColumnElement[bool], ...]:
    return (row.ended_at.is_(None), or_(row.ends_at.is_(None), row.ends_at > ctx.now()))
