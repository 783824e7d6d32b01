"""Changing what an account says about its person."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people import notices
from idp.people.accounts import postal
from idp.people.accounts import service as accounts
from idp.people.accounts.postal import PostalAddress
from idp.people.accounts.rules import phone_e164
from idp.people.accounts.service import Account

_ADDRESS = tuple(asdict(PostalAddress()))


def profile(ctx: Context, account_id: str) -> Account:
    """Return the account; LookupError when there is none."""
    account = accounts.get(ctx, account_id)
    if account is None:
        raise LookupError("a session without its account")
    return account


def shown_values(account: Account) -> dict[str, str]:
    """Return what a form shows at first, by the names of its controls."""
    names = ("prefix", "first_name", "middle_initial", "last_name", "suffix")
    more = ("business_name", "business_role", "mobile_number", "language")
    kept = {name: str(getattr(account, name)) for name in (*names, *more)}
    return kept | asdict(postal.of_claim(account.address))


def change(ctx: Context, account_id: str, typed: Mapping[str, str]) -> list[str]:
    """Keep what was typed; return the names of what changed, of which its owner is told.

    typed: checked values by the names of the form's controls; a control that the form does not
    have changes nothing. The audit record names the fields and no value (ASVS V16.2.5).
    """
    with writing(ctx.db):
        account = profile(ctx, account_id)
        changed = accounts.change(ctx, account, _columns(account, typed))
        if changed:
            record(ctx, Event.PROFILE_CHANGED, subject_id=account_id, changes={"fields": changed})
            notices.tell(ctx, account, "profile_changed", disavowable=True, fields=changed)
    return changed


def _columns(account: Account, typed: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {name: text for name, text in typed.items() if name not in _ADDRESS}
    values["mobile_number"] = phone_e164(typed["mobile_number"]) or ""
    address = PostalAddress(**{name: typed[name] for name in _ADDRESS})
    # One that no form here could have made stays as it is until its owner changes it.
    if address != postal.of_claim(account.address):
        values["address"] = postal.claim_of(address)
    return values
