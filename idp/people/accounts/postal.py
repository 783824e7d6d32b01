"""Postal addresses of the United States, kept as the claim `address` gives them.

OpenID Connect Core §5.1.1; states by the two letters of USPS Publication 28, appendix B.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STATES: Mapping[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
    "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands", "AA": "Armed Forces Americas", "AE": "Armed Forces Europe",
    "AP": "Armed Forces Pacific",
}  # fmt: skip
_COUNTRY = "United States"
_ZIP = re.compile(r"\d{5}(-\d{4})?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address as it is typed; the names are those of the form controls."""

    street_address: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.street_address or self.city or self.state or self.postal_code)


def is_zip(typed: str) -> bool:
    """Tell whether a text is a ZIP code of five digits, or of nine with a hyphen."""
    return _ZIP.match(typed) is not None


def claim_of(address: PostalAddress) -> dict[str, str] | None:
    """Return the claim of an address; None for an empty one."""
    if address.is_empty:
        return None
    last_line = f"{address.city} {address.state} {address.postal_code}"
    return {
        "formatted": f"{address.street_address}\n{last_line}\n{_COUNTRY}",
        "street_address": address.street_address,
        "locality": address.city,
        "region": address.state,
        "postal_code": address.postal_code,
        "country": _COUNTRY,
    }


def of_claim(claim: Mapping[str, Any] | None) -> PostalAddress:
    """Return the address that a claim was made of; parts it lacks are empty."""
    kept = claim or {}
    return PostalAddress(
        street_address=str(kept.get("street_address", "")),
        city=str(kept.get("locality", "")),
        state=str(kept.get("region", "")),
        postal_code=str(kept.get("postal_code", "")),
    )
