"""The operations portal: for state and local employees and the fiscal agent."""

from portals.shared.language import N_
from portals.shared.person import Person
from portals.shared.site import Site


def refusal(person: Person) -> str | None:
    """Return the page for a person without a right of operations, whatever the account type."""
    rights = (right for access in person.access for right in access.rights)
    has_entry = any(right.startswith("operations.") for right in rights)
    return None if has_entry else "site/refused.html"


SITE = Site(
    key="operations",
    name=N_("Operations Portal"),
    notice_version="2026-11",
    pages={"/second-factor": "second_factor.html"},
    refusal=refusal,
)
