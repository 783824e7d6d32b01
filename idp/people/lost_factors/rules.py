"""Who may begin to replace a lost factor: a pure decision."""


def refusal(state: str, *, is_open: bool, recent: int, most: int) -> str | None:
    """Return the key of why no recovery begins, or None.

    recent: how many began within the policy's time, however they ended; most: how many may.
    Keys: recovery_not_for_you (nothing was enrolled yet), recovery_open, recovery_too_many.
    """
    if state != "active":
        return "recovery_not_for_you"
    if is_open:
        return "recovery_open"
    return "recovery_too_many" if recent >= most else None
