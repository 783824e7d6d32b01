"""Names, addresses and states: one canonical form for each, made here and nowhere else."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

ACCOUNT_TYPES = ("individual", "business", "state", "local")
EMPLOYEE_TYPES = ("state", "local")
STATES = ("pending_mfa", "invited", "active", "suspended", "archived", "closed")
LIVE_STATES = ("pending_mfa", "invited", "active", "suspended")
SIGN_IN_STATES = ("pending_mfa", "active")
# Of a session alone: its account lives, and closes unless its owner keeps it.
CLOSING = "closing"

_USERNAME = re.compile(r"[a-z][a-z0-9._-]*\Z")
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
MAX_EMAIL = 254
MAX_IDENTIFIER = 320
_HOME_REGION = "US"
_MAX_PHONE = 40


def canonical_username(typed: str) -> str:
    """Return the form in which usernames are compared: NFKC, case folded, without outer spaces.

    Full-width letters and other compatibility forms meet their plain twins here (case RG-05);
    what is left outside of the alphabet is refused by `username_error`.
    """
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def username_error(
    typed: str, *, min_length: int, max_length: int, reserved: frozenset[str] = frozenset()
) -> str | None:
    """Return the key of the first rule that a new username breaks, or None.

    Keys: username_length, username_alphabet, username_reserved.
    """
    name = canonical_username(typed)
    if not min_length <= len(name) <= max_length:
        return "username_length"
    if not _USERNAME.match(name) or not typed.strip().isascii():
        return "username_alphabet"
    return "username_reserved" if name in reserved else None


def canonical_email(typed: str) -> str | None:
    """Return the form in which addresses are compared, or None when it is no address.

    Exactly one plain address (RFC 5321): no display name, quoted local part or address literal.
    The domain goes to its ASCII form; the local part is case folded, because no mail service
    that people use tells `Ann@` from `ann@`.
    """
    deliverable = deliverable_email(typed)
    if deliverable is None:
        return None
    local, _, domain = deliverable.rpartition("@")
    return f"{_folded(local)}@{domain}"


def deliverable_email(typed: str) -> str | None:
    """Return the address that mail goes to (local part as typed), or None when it is none."""
    text = typed.strip()
    if len(text) > MAX_EMAIL or not text.isprintable():
        return None
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except (EmailNotValidError, UnicodeError):
        return None
    if not found.ascii_domain or len(found.normalized) > MAX_EMAIL:
        return None
    local = found.local_part
    # `ſam@` is another mailbox than `sam@`, but would meet it in the canonical form: whoever owns
    # the one must never hold the other's place (CWE-178).
    if not local.isascii() and _folded(local).isascii():
        return None
    return f"{local}@{found.ascii_domain.lower()}"


def canonical_identifier(typed: str, employee_domains: frozenset[str] = frozenset()) -> str:
    """Return the one form of what somebody typed to sign in: an email address or a username.

    `username@<employee domain>` is the username (NCTracks operations portal, step 5). The form
    exists for every text, so that unknown names are counted and locked like known ones.
    """
    text = typed[:MAX_IDENTIFIER]
    local, at, domain = canonical_username(text).rpartition("@")
    if at and domain in employee_domains:
        return local
    return (canonical_email(text) or canonical_username(text)) if at else canonical_username(text)


def plain_name_error(typed: str, max_length: int) -> str | None:
    """Return why a person's or business's name cannot be kept, or None.

    Keys: too_long, name_characters (control, invisible or direction-changing characters).
    """
    if len(typed) > max_length:
        return "too_long"
    bad = any(unicodedata.category(letter) in _INVISIBLE for letter in typed)
    return "name_characters" if bad else None


def phone_e164(typed: str) -> str | None:
    """Return a phone number in its international form (E.164), or None when it is none.

    Without a country code it is read as a number of the United States.
    """
    if len(typed) > _MAX_PHONE:
        return None
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", typed), _HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    # An extension would be lost in E.164, and no text message reaches one.
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked_email(email: str) -> str:
    """Return an address with most of its local part hidden, for people who know it already."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
