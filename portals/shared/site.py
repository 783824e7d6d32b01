"""What makes one portal different from another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portals.shared.person import Person

TWO_FACTORS = ("urn:ncid:acr:aal2", "urn:ncid:acr:aal2-phr")


def anybody(_person: Person) -> str | None:
    """Let every signed-in person in."""
    return None


@dataclass(frozen=True)
class Site:
    """One portal: its names, its notice, its pages, and whom it lets in."""

    key: str
    """Folder of its templates, accent of its pages, start of its client id."""
    name: str
    """Message to translate."""
    notice_version: str
    """A new text of the legal notice gets a new version, and everybody is asked again."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Public pages of its own: path to (endpoint and) template name."""
    refusal: Callable[[Person], str | None] = anybody
    """Template of the page for a person who has no right to enter, or None."""
    accepted_acrs: tuple[str, ...] = TWO_FACTORS
    """Assurance levels that open it, the one to ask for first (RFC 9470)."""

    @property
    def client_id(self) -> str:
        """The client id it is registered under unless the settings say otherwise."""
        return f"{self.key}-portal"
