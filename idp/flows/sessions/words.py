"""What happened to one's own account, in plain words."""

from collections.abc import Mapping

from idp.foundation.audit.events import Event, Outcome
from idp.foundation.language import N_

_E = Event
# Everything that concerns the account as a whole. What goes on inside of applications, and single
# steps of something that ends in one of these, would only hide them.
WORDS: Mapping[Event, str] = {
    _E.ACCOUNT_CREATED: N_("The account was created."),
    _E.EMAIL_VERIFIED: N_("The email address was confirmed."),
    _E.TERMS_ACCEPTED: N_("The terms of use were accepted."),
    _E.SIGN_IN_SUCCEEDED: N_("Signed in."),
    _E.SIGN_IN_FAILED: N_("A sign-in failed."),
    _E.SIGN_IN_LOCKED: N_("The password was locked after several wrong ones."),
    _E.UNLOCK_REQUESTED: N_("A code to unlock the account was asked for."),
    _E.UNLOCK_COMPLETED: N_("The account was unlocked."),
    _E.PASSWORD_RESET_REQUIRED: N_("The password had to be reset from then on."),
    _E.PASSWORD_RESET_REQUESTED: N_("A code to reset the password was asked for."),
    _E.PASSWORD_CHANGED: N_("The password was changed."),
    _E.USERNAME_REMINDED: N_("The username was sent by email."),
    _E.MFA_ENROLLED: N_("A passkey or an authenticator app was added."),
    _E.MFA_RENAMED: N_("A passkey or an authenticator app got another name."),
    _E.MFA_REMOVED: N_("A passkey or an authenticator app was removed."),
    _E.MFA_HELD: N_(
        "For a while no factor could be added or removed, because the service desk had helped."
    ),
    _E.MFA_FAILED: N_("A wrong code of the second factor was entered."),
    _E.MFA_LOCKED: N_("The second factor was locked after several wrong codes."),
    _E.MFA_DISABLED: N_("A passkey or the authenticator apps were turned off."),
    _E.MFA_RECOVERY_CODE_USED: N_("A recovery code was used."),
    _E.MFA_RECOVERY_CODES_REPLACED: N_("New recovery codes were made."),
    _E.SESSION_RESUMED: N_("A sign-in went on after a pause."),
    _E.SESSION_ENDED: N_("A sign-in ended."),
    _E.BROWSER_FORGOTTEN: N_("A recognized browser was forgotten."),
    _E.EVENT_DISAVOWED: N_("You told us that something was not you."),
    _E.ACCOUNT_FROZEN: N_("Rights at providers and the PIN were put on hold."),
    _E.ACCOUNT_UNFROZEN: N_("Rights at providers and the PIN were released."),
    _E.ACCOUNT_CLOSING_ASKED: N_("Closing the account was asked for."),
    _E.ACCOUNT_KEPT: N_("Closing the account was stopped."),
    _E.ACCOUNT_CLOSED: N_("The account was closed."),
    _E.ACCOUNT_DORMANT: N_("A message said that nobody had signed in for long."),
    _E.ACCOUNT_ARCHIVED: N_("The account was archived, because nobody had signed in for long."),
    _E.ACCOUNT_RESTORE_OFFERED: N_("A link to bring the account back was sent."),
    _E.ACCOUNT_RESTORED: N_("The account was brought back from the archive."),
    _E.RECOVERY_ASKED: N_("Somebody asked to replace the second factor as lost."),
    _E.RECOVERY_READY: N_("The link to replace the second factor was sent."),
    _E.RECOVERY_CANCELLED: N_("Replacing a lost second factor was stopped."),
    _E.RECOVERY_EXPIRED: N_("The link to replace the second factor was not used in time."),
    _E.RECOVERY_COMPLETED: N_("The second factor was replaced as lost."),
    _E.PROFILE_CHANGED: N_("Your personal data were changed."),
    _E.EMAIL_CHANGE_ASKED: N_("Another email address was asked for."),
    _E.EMAIL_CHANGE_DROPPED: N_("Another email address was asked for and then given up."),
    _E.EMAIL_CHANGED: N_("The email address was changed."),
    _E.EMAIL_CHANGE_UNDONE: N_("The change of the email address was undone."),
    _E.SECOND_EMAIL_REMOVED: N_("The second email address was removed."),
    _E.DATA_COPIED: N_("A copy of what is kept about you was taken."),
    _E.OIDC_AUTHORIZED: N_("Signed in to an application."),
    _E.OIDC_DEVICE_APPROVED: N_("A device was connected."),
    _E.OIDC_DEVICE_DENIED: N_("Connecting a device was refused."),
    _E.OIDC_CONSENT_GRANTED: N_("An application was allowed to use the account."),
    _E.OIDC_CONSENT_REVOKED: N_("The permission of an application was withdrawn."),
}
_NOT_DONE = {
    _E.UNLOCK_COMPLETED: N_("A wrong code to unlock the account was entered."),
    _E.PASSWORD_CHANGED: N_("Changing the password failed."),
    _E.EMAIL_CHANGED: N_("Another email address was not confirmed."),
    _E.RECOVERY_ASKED: N_("Replacing the second factor was tried, but did not begin."),
}
# What was asked for, and why it was not done at once.
_REMINDED_NOT = {
    "too_often": N_("The username was asked for, but not sent again so soon."),
    "archived": N_("The username of the archived account was asked for."),
}
_ENDS = {
    "idle": N_("A session ended because nothing was done in it."),
    "resumed": N_("A session ended because nothing was done in it."),
    "factors_replaced": N_("A sign-in ended because the second factor was replaced."),
    "closed": N_("A sign-in ended because closing the account was asked for."),
    "overall": N_("A sign-in ended because its time was over."),
    "replaced": N_("A sign-in ended because somebody else signed in in the same browser."),
    "sign_out": N_("Signed out."),
    "sign_out_everywhere": N_("Signed out everywhere."),
    "password_reset": N_("A sign-in ended because the password was changed."),
    "disavowed": N_("A sign-in ended because you told us that something was not you."),
}


def text_of(event: Event, outcome: str, reason: str | None) -> str:
    """Return the marked text of a record that is shown; KeyError when its event is not."""
    if event is Event.SESSION_ENDED:
        return _ENDS.get(reason or "", WORDS[event])
    if event is Event.USERNAME_REMINDED:
        return _REMINDED_NOT.get(reason or "", WORDS[event])
    if outcome != Outcome.SUCCESS and event in _NOT_DONE:
        return _NOT_DONE[event]
    return WORDS[event]
