"""The closed list of audit events, each with exactly the details it may carry.

Details never hold a secret, and of a changed field only its name or a masked value
(OWASP ASVS 5.0 V16.2.5). Who, where, when and about whom are columns of every record.
"""

from enum import StrEnum
from typing import Self


class Outcome(StrEnum):
    """How it ended. `denied`: the rules said no; `failure`: it was tried and was not right."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


class Event(StrEnum):
    """Everything that is recorded: the event's name, then the keys its details may have."""

    details: frozenset[str]

    def __new__(cls, name: str, *details: str) -> Self:
        """Make a member from its name and its allowed detail keys."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.details = frozenset(details)
        return member

    # Registration and the mailbox
    REGISTRATION_STARTED = "registration.started", "account_type"
    REGISTRATION_COMPLETED = "registration.completed", "account_type"
    REGISTRATION_EXPIRED = "registration.expired", "count"
    EMAIL_VERIFIED = "email.verified", "method", "purpose"
    TERMS_ACCEPTED = "terms.accepted", "version", "language"

    # Signing in
    SIGN_IN_SUCCEEDED = "sign_in.succeeded", "amr", "acr", "is_new_device"
    SIGN_IN_FAILED = "sign_in.failed", "failures", "identifier_hash"
    SIGN_IN_LOCKED = "sign_in.locked", "until", "lane", "identifier_hash"
    UNLOCK_REQUESTED = "unlock.requested", "identifier_hash"
    UNLOCK_COMPLETED = "unlock.completed", "method", "identifier_hash"

    # Authenticators
    PASSWORD_REHASHED = "password.rehashed", "parameters"
    PASSWORD_RESET_REQUIRED = "password.reset_required"
    PASSWORD_RESET_REQUESTED = "password.reset_requested", "identifier_hash"
    PASSWORD_RESET_PROVEN = "password.reset_proven", "method", "identifier_hash"
    PASSWORD_CHANGED = "password.changed", "cause"
    USERNAME_REMINDED = "username.reminded", "identifier_hash"
    MFA_ENROLLED = "mfa.enrolled", "kind", "authenticator_id"
    MFA_SUCCEEDED = "mfa.succeeded", "kind", "authenticator_id"
    MFA_FAILED = "mfa.failed", "kind", "failures"
    MFA_LOCKED = "mfa.locked", "until", "kind"
    MFA_DISABLED = "mfa.disabled", "kind", "authenticator_id"
    MFA_RENAMED = "mfa.renamed", "kind", "authenticator_id"
    MFA_REMOVED = "mfa.removed", "kind", "authenticator_id"
    MFA_HELD = "mfa.held", "until"
    MFA_RECOVERY_CODE_USED = "mfa.recovery_code_used", "left"
    MFA_RECOVERY_CODES_REPLACED = "mfa.recovery_codes_replaced", "count"

    # Sessions
    SESSION_STARTED = "session.started", "amr", "acr", "sid"
    SESSION_EXTENDED = "session.extended", "sid"
    SESSION_RESUMED = "session.resumed"
    SESSION_ENDED = "session.ended", "cause", "sid", "count"
    BROWSER_FORGOTTEN = "browser.forgotten"
    EVENT_DISAVOWED = "event.disavowed", "notice"

    # The account
    ACCOUNT_CREATED = "account.created", "account_type", "source", "roles"
    ACCOUNT_FROZEN = "account.frozen", "cause"
    ACCOUNT_UNFROZEN = "account.unfrozen", "cause"
    ACCOUNT_CLOSING_ASKED = "account.closing_asked", "closes_at"
    ACCOUNT_KEPT = "account.kept", "method"
    ACCOUNT_CLOSED = "account.closed", "cause"
    ACCOUNT_DORMANT = "account.dormant", "archives_at"
    ACCOUNT_ARCHIVED = "account.archived", "cause"
    ACCOUNT_RESTORE_OFFERED = "account.restore_offered"
    ACCOUNT_RESTORED = "account.restored"

    # A lost second factor
    RECOVERY_ASKED = "recovery.asked", "ready_at"
    RECOVERY_READY = "recovery.ready", "until"
    RECOVERY_CANCELLED = "recovery.cancelled", "by"
    RECOVERY_EXPIRED = "recovery.expired"
    RECOVERY_COMPLETED = "recovery.completed"
    PROFILE_CHANGED = "profile.changed", "fields"
    EMAIL_CHANGE_ASKED = "profile.email_change_asked", "kind", "address"
    EMAIL_CHANGE_DROPPED = "profile.email_change_dropped", "kind"
    EMAIL_CHANGED = "profile.email_changed", "kind", "address", "method"
    EMAIL_CHANGE_UNDONE = "profile.email_change_undone", "kind", "address"
    DATA_COPIED = "profile.data_copied", "form"
    SECOND_EMAIL_REMOVED = "profile.second_email_removed", "address"

    # OpenID provider
    OIDC_AUTHORIZED = "oidc.authorized", "scope", "acr", "prompt"
    OIDC_DEVICE_APPROVED = "oidc.device_approved", "scope", "asked_from"
    OIDC_DEVICE_DENIED = "oidc.device_denied", "scope", "asked_from"
    OIDC_CONSENT_GRANTED = "oidc.consent_granted", "scope"
    OIDC_CONSENT_DENIED = "oidc.consent_denied", "scope"
    OIDC_CONSENT_REVOKED = "oidc.consent_revoked", "scope"
    OIDC_CODE_REUSED = "oidc.code_reused", "tokens_revoked"
    OIDC_CODE_REFUSED = "oidc.code_refused"
    OIDC_REFRESH_REUSED = "oidc.refresh_reused", "family", "tokens_revoked"
    OIDC_TOKEN_REVOKED = "oidc.token_revoked", "family", "kind"
    OIDC_CLIENT_AUTHENTICATION_FAILED = "oidc.client_authentication_failed", "method"
    OIDC_SIGNED_OUT = "oidc.signed_out", "sid", "clients"
    OIDC_BACKCHANNEL_LOGOUT_FAILED = "oidc.backchannel_logout_failed", "sid", "attempts"

    # Applications and keys
    CLIENT_REGISTRATION_ALLOWED = "client.registration_allowed", "label", "uses"
    CLIENT_ADDED = "client.added", "auth_method", "scope"
    CLIENT_CHANGED = "client.changed", "fields"
    CLIENT_DISABLED = "client.disabled"
    CLIENT_SECRET_REPLACED = "client.secret_replaced"
    KEY_CREATED = "key.created", "kid", "alg"
    KEY_ACTIVATED = "key.activated", "kid", "alg"
    KEY_RETIRED = "key.retired", "kid", "alg"
    KEY_WITHDRAWN = "key.withdrawn", "kid", "alg"

    # The system itself
    AUDIT_EXPORTED = "audit.exported", "first_position", "last_position"
    AUDIT_VERIFIED = "audit.verified", "position", "findings"
