"""Use of roles and rights: evaluated at each question, against the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import or_, select

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.organizations import service as organizations
from idp.people.organizations.service import Organization
from idp.people.rights import rules
from idp.people.rights.model import RoleAssignment


class Access(TypedDict):
    """What a person may do for one organization: an entry of the `access` claim."""

    organization: str
    npi: str | None
    role: str
    rights: list[str]
    until: str | None


def access_of(ctx: Context, account_id: str) -> list[Access]:
    """Return what a person may do now, one entry for each role, by organization name.

    No role gives anything while the account's rights are on hold.
    """
    account = accounts.get(ctx, account_id)
    if account is None or account.frozen_at is not None:
        return []
    return held_by(ctx, account_id)


def held_by(ctx: Context, account_id: str) -> list[Access]:
    """Return what a person's roles allow, even while the account's rights are on hold.

    Roles at a provider that is not proven yet give nothing (accounts.md section 5).
    """
    rows = ctx.db.execute(
        select(RoleAssignment, Organization)
        .join(Organization, Organization.id == RoleAssignment.organization_id)
        .where(
            RoleAssignment.account_id == account_id,
            RoleAssignment.ended_at.is_(None),
            RoleAssignment.starts_at <= ctx.now(),
            or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > ctx.now()),
            or_(Organization.kind != "provider", Organization.verified_at.is_not(None)),
        )
        .order_by(Organization.name, RoleAssignment.role)
    )
    return [_entry(ctx, assignment, organization) for assignment, organization in rows]


def grant_role(
    ctx: Context,
    *,
    account_id: str,
    organization_id: str,
    role: str,
    rights: Sequence[str] = (),
    granted_by: str | None = None,
    ends_at: datetime | None = None,
) -> RoleAssignment | Refused:
    """Give a person a role at an organization; inside `writing`.

    `Refused`: role_unknown, right_unknown, role_not_held_here. Who may grant what is decided by
    the flow that calls.
    """
    policy = ctx.policies.access_rights
    if role not in policy.roles:
        return Refused("role_unknown", "role", {"role": role})
    if unknown := set(rights) - set(policy.rights):
        return Refused("right_unknown", "rights", {"rights": sorted(unknown)})
    line = organizations.line_of(ctx, organization_id)
    if not rules.may_be_held(policy, role, line[0].kind, [place.name for place in line]):
        return Refused("role_not_held_here", "role", {"role": role})
    row = RoleAssignment(
        id=new_id(),
        account_id=account_id,
        organization_id=organization_id,
        role=role,
        rights=sorted(set(rights)),
        starts_at=ctx.now(),
        ends_at=ends_at,
        granted_by=granted_by,
        granted_at=ctx.now(),
    )
    ctx.db.add(row)
    ctx.db.flush()
    return row


def _entry(ctx: Context, assignment: RoleAssignment, organization: Organization) -> Access:
    role = ctx.policies.access_rights.roles.get(assignment.role)
    rights = sorted({*(role.rights if role else ()), *assignment.rights})
    until = assignment.ends_at.isoformat() if assignment.ends_at else None
    return Access(
        organization=organization.name,
        npi=organization.npi,
        role=assignment.role,
        rights=rights,
        until=until,
    )
