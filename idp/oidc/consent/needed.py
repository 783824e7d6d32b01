"""Whether a person has to be asked before an application gets what it asks for.

Nobody is asked for the state's own applications, unless they want it asked (prompt=consent).
"""

from dataclasses import dataclass

from idp.foundation.context import Context
from idp.oidc import asked_claims, scopes
from idp.oidc.authorization import claims_parameter, details, prompt, scope
from idp.oidc.authorization.asked import Asked
from idp.people.consents import service as consents


@dataclass(frozen=True, slots=True)
class Decided:
    """is_needed: the person must be asked. consent_id: the consent that the grant rests on."""

    is_needed: bool
    consent_id: str | None = None


def decide(ctx: Context, asked: Asked, account_id: str, agreed: str | None = None) -> Decided:
    """Decide for one person.

    agreed: the consent that the person gave for this very request, on our page.
    """
    if asked.client.is_first_party and not _is_wanted(asked):
        return Decided(is_needed=False)
    found = consents.covering(ctx, account_id, asked.client.client_id, wanted(asked))
    if found is None or (_is_asked_each_time(asked) and found.id != agreed):
        return Decided(is_needed=True)
    return Decided(is_needed=False, consent_id=found.id)


def wanted(asked: Asked) -> frozenset[str]:
    """Return the scopes that the person must allow: those granted, and those of single claims."""
    kept = claims_parameter.kept(asked) or {}
    single = {name for names in kept.values() for name in names}
    return frozenset({*scope.granted(asked), *asked_claims.scopes_of(single)} & set(scopes.KNOWN))


def _is_wanted(asked: Asked) -> bool:
    return "consent" in prompt.values(asked)


def _is_asked_each_time(asked: Asked) -> bool:
    # RFC 9396 §2: details are of this one request, so no earlier consent speaks of them.
    return _is_wanted(asked) or details.wanted(asked) is not None
