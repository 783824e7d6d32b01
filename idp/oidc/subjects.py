"""By which name an application knows a person. OpenID Connect Core §8.

Public: the account's own `sub`. Pairwise: a keyed hash of it and of the application's sector, so
that two sectors cannot find out that they speak of the same person (§8.1), and nobody who lacks
the key can go from one name to the other.
"""

from collections.abc import Iterable
from typing import get_args
from urllib.parse import urlsplit

from idp.foundation.context import Context
from idp.oidc.clients.client import Client
from idp.oidc.clients.registration import SubjectType

TYPES: tuple[SubjectType, ...] = get_args(SubjectType)
_PURPOSE = "oidc.pairwise_subject"


def subject_for(ctx: Context, client: Client, account_sub: str) -> str:
    """Return the `sub` that a client is told of the account with this subject identifier."""
    if not client.is_pairwise:
        return account_sub
    return ctx.digests.keyed(_PURPOSE, f"{sector(client.redirect_uris)} {account_sub}")


def sector(redirect_uris: Iterable[str]) -> str:
    """Return the one host of the redirection URIs; the registration saw to it that it is one."""
    return min(hosts(redirect_uris), default="")


def hosts(redirect_uris: Iterable[str]) -> set[str]:
    """Return the hosts of addresses (§8.1: the sector identifier, where no other is registered)."""
    return {urlsplit(uri).hostname or "" for uri in redirect_uris}
