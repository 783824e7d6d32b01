"""What an application asks for when it wants the person signed out: a pure decision.

OpenID Connect RP-Initiated Logout 1.0 §2 and §3.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.logout.hint import Hint
from idp.oidc.parameters import Parameters


@dataclass(frozen=True, slots=True)
class LogoutAsked:
    """A checked request. redirect_to: where the person goes afterwards, or None: a page of ours."""

    client: Client | None
    hint: Hint | None
    redirect_to: str | None

    def may_act_at_once(self, current_sid: str | None) -> bool:
        """Tell whether no question is needed: the hint is of this browser's own session.

        Anything else could be somebody else's link ("a potential means of denial of service", §6).
        Without a session there is nothing to end and nothing to ask.
        """
        if current_sid is None:
            return True
        return self.hint is not None and self.hint.sid == current_sid


def checked(
    parameters: Parameters, client: Client | None, hint: Hint | None
) -> LogoutAsked | ProtocolError:
    """Check a request; the errors are for a page: nothing is ever redirected in a bad case (§4).

    client: of client_id, or where that is left out of the hint. hint: None where none is valid.
    """
    if parameters.repeated:
        return invalid_request("A parameter was sent more than once.")
    if hint is None and parameters.get("id_token_hint") is not None:
        return invalid_request("id_token_hint is not an ID token of this provider.")
    client_id = parameters.get("client_id")
    if client_id is not None and (client is None or (hint and hint.client_id != client_id)):
        return invalid_request("client_id is unknown or does not fit the id_token_hint.")
    target = parameters.get("post_logout_redirect_uri")
    known = client.post_logout_redirect_uris if client else frozenset()
    if target is not None and client is not None and target not in known:
        return invalid_request("post_logout_redirect_uri is not registered for the application.")
    # Without a hint nothing shows that it is really the application that asks: "the OP MUST NOT
    # perform post-logout redirection" (§3).
    may_redirect = target is not None and client is not None and hint is not None
    state = parameters.get("state")
    return LogoutAsked(
        client, hint, _with_state(target, state) if may_redirect and target else None
    )


def _with_state(target: str, state: str | None) -> str:
    if state is None:
        return target
    return f"{target}{'&' if '?' in target else '?'}{urlencode({'state': state})}"
