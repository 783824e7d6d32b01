"""A role is held where the policy says, and nowhere else."""

import pytest

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account, Details
from idp.people.organizations import service as organizations
from idp.people.organizations.service import Organization
from idp.people.rights import service as rights

_HOME = "Department of Demonstrations"


def _place(ctx: Context, kind: str, name: str, above: Organization | None = None) -> Organization:
    with writing(ctx.db):
        parent_id = above.id if above else None
        made = organizations.add(ctx, kind=kind, name=name, parent_id=parent_id, verified=True)
    assert isinstance(made, Organization)
    return made


def _grant(ctx: Context, role: str, place: Organization) -> object:
    with writing(ctx.db):
        details = Details("individual", "somebody", "So", "Mebody", "somebody@example.org")
        account = accounts.find_by_identifier(ctx, "somebody") or accounts.create(
            ctx, details, state="active", verified=True
        )
        assert isinstance(account, Account)
        return rights.grant_role(ctx, account_id=account.id, organization_id=place.id, role=role)


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("office_administrator", "agency"),
        ("general_user", "state"),
        ("desk_agent", "provider"),
        ("administrator", "agency"),
        ("delegated_administrator", "provider"),
        ("agency_desk", "state"),
    ],
)
def test_AD_02_a_role_is_refused_at_an_organization_of_another_kind(
    ctx: Context, role: str, kind: str
) -> None:
    refused = _grant(ctx, role, _place(ctx, kind, "Elsewhere"))
    assert refused == Refused("role_not_held_here", "role", {"role": role})


@pytest.mark.parametrize("kind", ["agency", "division", "section", "contractor"])
def test_AD_02_an_agencys_role_is_held_in_all_its_parts(ctx: Context, kind: str) -> None:
    assert not isinstance(_grant(ctx, "agency_desk", _place(ctx, kind, "Part")), Refused)


def test_AD_02_operations_is_held_at_its_agency_and_below_it_alone(ctx: Context) -> None:
    home = _place(ctx, "agency", _HOME)
    division = _place(ctx, "division", "A Division", home)
    section = _place(ctx, "section", "A Section", division)
    other = _place(ctx, "agency", "Another Department")
    granted = [
        not isinstance(_grant(ctx, "operations", place), Refused)
        for place in (home, section, other)
    ]
    assert granted == [True, True, False]
