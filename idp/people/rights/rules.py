"""Where a role may be held. Pure."""

from collections.abc import Sequence

from idp.foundation.policy_models.access_rights import AccessRightsPolicy

OPERATIONS = "operations"
_KINDS = {
    "state": {"state"},
    "agency": {"agency", "division", "section", "contractor"},
    "provider": {"provider"},
}


def may_be_held(policy: AccessRightsPolicy, role: str, kind: str, line: Sequence[str]) -> bool:
    """Tell whether a role of the policy may be held at an organization.

    kind: the organization's; line: its name, its parent's, and so on to the top.
    """
    if role == OPERATIONS and policy.operations_organization not in line:
        return False
    return kind in _KINDS[policy.roles[role].held_at]
