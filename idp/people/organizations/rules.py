"""Kinds of organizations and the check digit of a provider's number."""

KINDS = ("state", "agency", "division", "section", "provider", "contractor")
_NPI_DIGITS = 10
_NPI_PREFIX = "80840"  # the card issuer prefix over which CMS defines the check digit
_LUHN_BASE = 10


def is_npi(text: str) -> bool:
    """Tell whether a text is a National Provider Identifier (45 CFR 162.406; Luhn over 80840)."""
    if len(text) != _NPI_DIGITS or not (text.isascii() and text.isdecimal()) or text[0] not in "12":
        return False
    digits = [int(digit) for digit in reversed(_NPI_PREFIX + text)]
    doubled = [sum(divmod(2 * digit, _LUHN_BASE)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % _LUHN_BASE == 0
