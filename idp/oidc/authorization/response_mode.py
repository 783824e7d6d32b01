"""response_mode: how the answer reaches the client. OAuth 2.0 Multiple Response Types §2.1."""

from typing import Literal

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request

Mode = Literal["query", "form_post"]
MODES: tuple[Mode, ...] = ("query", "form_post")


def chosen(asked: Asked) -> Mode:
    """Return the mode of the answer: "query", the default of the code flow, unless form_post."""
    if "response_mode" in asked.parameters.repeated:
        return "query"
    return "form_post" if asked.get("response_mode") == "form_post" else "query"


def check(asked: Asked) -> ProtocolError | None:
    """Refuse modes not offered; `fragment` is for answers that hold tokens, which none does."""
    if asked.get("response_mode") in {None, *MODES}:
        return None
    return invalid_request("This response_mode is not offered.")
