"""A new authenticator: made and proven first, kept afterwards; the same for the first and more.

A proven one is plain values until it is kept: {"kind", "name", and what its kind needs}.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.flows.mfa import challenges, mail, rules, sealed
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import ceremonies, passkeys, totp
from idp.people.credentials.ceremonies import NewPasskey
from idp.web.transactions.service import Transaction

Proven = Mapping[str, Any]
_APP = "new_app"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an app needs: the key as text and the address in the QR code."""

    secret: str
    uri: str


def app_draft(ctx: Context, transaction: Transaction, account: Account) -> Draft:
    """Return this tab's new secret; the first look makes it, later looks show the same."""
    secret = sealed.read(ctx, transaction, account, _APP).get("secret")
    if secret is None:
        secret = totp.new_secret(ctx.policies.mfa)
        with writing(ctx.db):
            sealed.keep(ctx, transaction, account, _APP, {"secret": secret})
    uri = totp.provisioning_uri(
        ctx.policies.mfa,
        secret,
        account_name=account.username,
        issuer=ctx.settings.brand.short_name,
    )
    return Draft(secret, uri)


def prove_app(
    ctx: Context, transaction: Transaction, account: Account, *, name: str, code: str
) -> Proven | Refused:
    """Check the app's first code against this tab's secret.

    `Refused`: totp_wrong; finished_elsewhere when the tab has no secret (any more).
    """
    secret = sealed.read(ctx, transaction, account, _APP).get("secret")
    if secret is None:
        return rules.FINISHED_ELSEWHERE
    step = totp.matching_step(ctx.policies.mfa, secret, code, ctx.now())
    if step is None:
        return Refused("totp_wrong", "code")
    return {"kind": "totp", "name": name, "secret": secret, "step": step}


def passkey_options(ctx: Context, transaction: Transaction, account: Account) -> dict[str, Any]:
    """Return what the browser is given to make a passkey; begins a challenge."""
    challenge = challenges.begin(ctx, transaction, "new", account.id)
    known = passkeys.working(ctx, account.id)
    return ceremonies.creation_options(ctx, account, challenge, known)


def prove_passkey(
    ctx: Context, transaction: Transaction, account: Account, *, name: str, answer: str
) -> Proven | Refused:
    """Check what the browser made. `Refused`: passkey_not_made, passkey_known."""
    with writing(ctx.db):
        challenge = challenges.take(ctx, transaction, "new", account.id)
    made = ceremonies.read_new(ctx, challenge, answer) if challenge else None
    if made is None:
        return Refused("passkey_not_made")
    if passkeys.is_known(ctx, made.credential_id):
        return Refused("passkey_known")
    return {"kind": "passkey", "name": name, "made": made.as_json()}


def keep(ctx: Context, account: Account, proven: Proven) -> bool:
    """Keep a proven authenticator, with its record and notice; inside `writing`.

    False: the passkey was kept meanwhile, by whomever.
    """
    keeps = _keep_app if proven["kind"] == "totp" else _keep_passkey
    key = keeps(ctx, account, proven)
    if key is None:
        return False
    record(
        ctx,
        Event.MFA_ENROLLED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"kind": proven["kind"], "authenticator_id": key},
    )
    mail.tell_added(ctx, account, proven["kind"], proven["name"])
    return True


def _keep_app(ctx: Context, account: Account, proven: Proven) -> str:
    app = totp.add_proven_app(
        ctx, account.id, name=proven["name"], secret=proven["secret"], step=proven["step"]
    )
    return app.id


def _keep_passkey(ctx: Context, account: Account, proven: Proven) -> str | None:
    return passkeys.add(ctx, account.id, proven["name"], NewPasskey(**proven["made"]))
