"""The pages of one's own account, in the order in which their navigation lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.foundation.language import N_

OVERVIEW = "/account"
# The one page for whoever signs in while their account is about to be closed.
CLOSING = "/account/closing"


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One line of the navigation. name: marked text."""

    path: str
    name: str

    def is_at(self, path: str) -> bool:
        """Tell whether a path is this page or one below it; the overview has none below."""
        below = self.path != OVERVIEW and path.startswith(f"{self.path}/")
        return path == self.path or below


ACCOUNT_PAGES: Sequence[AccountPage] = (
    AccountPage(OVERVIEW, N_("Overview")),
    AccountPage("/account/profile", N_("Profile")),
    AccountPage("/account/email", N_("Email addresses")),
    AccountPage("/account/security", N_("How you sign in")),
    AccountPage("/account/sessions", N_("Sessions and browsers")),
    AccountPage("/account/activity", N_("Activity")),
    AccountPage("/account/applications", N_("Connected applications")),
    AccountPage("/account/data", N_("Your data")),
    AccountPage("/account/close", N_("Close account")),
)
