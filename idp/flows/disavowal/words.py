"""What a notice told of, in the words of the page that its link leads to."""

from idp.foundation.language import N_

NOTICES = {
    "new_sign_in": N_("Somebody signed in from a browser that was not used before."),
    "unlocked": N_("The account was unlocked by a code from its mailbox."),
    "password_changed": N_("The password was changed."),
    "mfa_app_added": N_("An authenticator app was added."),
    "mfa_passkey_added": N_("A passkey was added."),
    "mfa_renamed": N_("A passkey or an authenticator app got another name."),
    "mfa_removed": N_("A passkey or an authenticator app was removed."),
    "mfa_passkey_stopped": N_("A passkey no longer works, because it seems to be copied."),
    "mfa_apps_disabled": N_("The authenticator apps were turned off after very many wrong codes."),
    "mfa_recovery_code_used": N_("Somebody signed in with a recovery code."),
    "mfa_recovery_codes_replaced": N_("New recovery codes were made."),
    "recovery_cancelled": N_("Replacing a lost second factor was stopped."),
    "recovery_completed": N_("The second factor was replaced as lost."),
    "account_kept": N_("Closing the account was stopped."),
    "account_restored": N_("The account was brought back from the archive."),
    "second_email_removed": N_("The second address for notices was removed."),
    "profile_changed": N_("Your personal data were changed."),
}
_ANYTHING = N_("Something about the account was changed.")


def told_of(notice: str) -> str:
    """Return the marked text of what a notice (its template's name) told of."""
    return NOTICES.get(notice, _ANYTHING)
