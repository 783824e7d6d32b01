"""The provider portal: for providers of health care, their staff and their billing agents."""

from portals.shared.language import N_
from portals.shared.person import Access, Person
from portals.shared.site import Site


def _opens(access: Access) -> bool:
    """A role at a provider opens the portal; one at an agency does not."""
    return bool(access.npi) or any(right.startswith("provider.") for right in access.rights)


def refusal(person: Person) -> str | None:
    """Return the page for a person to whom nobody has given access to a provider record."""
    return None if any(map(_opens, person.access)) else "site/no_access.html"


SITE = Site(
    key="provider",
    name=N_("Provider Portal"),
    notice_version="2026-11",
    pages={"/getting-started": "getting_started.html"},
    refusal=refusal,
)
