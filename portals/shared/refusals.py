"""What can go wrong between the portal and the provider, as three kinds that pages can answer."""


class ProviderUnreachable(Exception):
    """The provider gave no usable answer in time; nothing is known, so nothing is allowed."""


class SignInRefused(Exception):
    """The provider's answer does not prove who signed in; `reason` is a machine key for the log."""

    def __init__(self, reason: str) -> None:
        """reason: a short key such as "nonce"; never shown to the person."""
        super().__init__(reason)
        self.reason = reason


class GrantEnded(Exception):
    """The provider no longer honours the tokens: the session there is over."""
