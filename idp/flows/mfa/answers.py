"""A passkey's answer to a challenge: whose it is, and whether it is right."""

from dataclasses import dataclass

from idp.flows.mfa import mail, rules
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import ceremonies, passkeys
from idp.people.credentials.passkeys import Passkey


@dataclass(frozen=True, slots=True)
class Shown:
    """A right answer. method: its name of RFC 8176."""

    passkey_id: str
    method: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that is not accepted. reason: for the audit trail, never for the page."""

    reason: str


def owner(ctx: Context, answer: str) -> Account | None:
    """Return whose passkey an answer names; nothing of it is checked yet."""
    passkey = passkeys.find(ctx, ceremonies.credential_id(answer))
    return accounts.get(ctx, passkey.account_id) if passkey else None


def check(ctx: Context, account: Account, challenge: bytes | None, answer: str) -> Shown | Wrong:
    """Check a passkey of this person and note its use; inside `writing`.

    One whose counter did not rise has been copied, so it signs nobody in any more (Web
    Authentication Level 3 section 6.1.1); its owner learns of it.
    """
    if challenge is None:
        return Wrong("passkey_challenge")
    passkey = passkeys.find(ctx, ceremonies.credential_id(answer))
    if passkey is None or passkey.account_id != account.id:
        return Wrong("passkey_unknown")
    count = ceremonies.verified_count(ctx, passkey, account, challenge, answer)
    if count is None:
        return Wrong("passkey_not_right")
    if not passkeys.note_use(ctx, passkey.id, count):
        _stop(ctx, account, passkey)
        return Wrong("passkey_copied")
    return Shown(passkey.id, rules.key_method(is_synced=passkey.is_synced))


def _stop(ctx: Context, account: Account, passkey: Passkey) -> None:
    passkeys.disable(ctx, passkey.id)
    record(
        ctx,
        Event.MFA_DISABLED,
        subject_id=account.id,
        reason="passkey_copied",
        changes={"kind": "passkey", "authenticator_id": passkey.id},
    )
    mail.tell_passkey_stopped(ctx, account, passkey.name)
