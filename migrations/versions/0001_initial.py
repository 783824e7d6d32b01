"""The first schema.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

from idp.foundation import database as types
from migrations import triggers

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sub", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("username_key", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("email_verified_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("account_type", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("middle_initial", sa.String(length=8), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("suffix", sa.String(length=16), nullable=False),
        sa.Column("mobile_number", sa.String(length=20), nullable=False),
        sa.Column("business_name", sa.String(length=200), nullable=False),
        sa.Column("business_role", sa.String(length=100), nullable=False),
        sa.Column("address", types.JSONText(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "account_type IN ('individual', 'business', 'state', 'local')",
            name=op.f("ck_account_account_type_known"),
        ),
        sa.CheckConstraint(
            "state IN ('pending_mfa', 'invited', 'active', 'suspended', 'archived', 'closed')",
            name=op.f("ck_account_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("sub", name=op.f("uq_account_sub")),
        sa.UniqueConstraint("username_key", name=op.f("uq_account_username_key")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index("ix_account_email_key", ["email_key"], unique=False)
        batch_op.create_index(
            "uq_account_email_key_live",
            ["email_key"],
            unique=True,
            sqlite_where=sa.text("state IN ('pending_mfa', 'invited', 'active', 'suspended')"),
            postgresql_where=sa.text("state IN ('pending_mfa', 'invited', 'active', 'suspended')"),
        )

    op.create_table(
        "attempt_counter",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("locked_until", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("locks", sa.Integer(), nullable=False),
        sa.Column("updated_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt_counter")),
    )
    with op.batch_alter_table("attempt_counter", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attempt_counter_updated_at"), ["updated_at"], unique=False
        )

    op.create_table(
        "audit_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("occurred_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_role", sa.String(length=64), nullable=True),
        sa.Column("actor_scope", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=256), nullable=True),
        sa.Column("acr", sa.String(length=64), nullable=True),
        sa.Column("subject_id", sa.String(length=64), nullable=True),
        sa.Column("organization_id", sa.String(length=64), nullable=True),
        sa.Column("approver_id", sa.String(length=36), nullable=True),
        sa.Column("proofing", sa.String(length=16), nullable=True),
        sa.Column("proofing_reference", sa.String(length=128), nullable=True),
        sa.Column("ticket", sa.String(length=64), nullable=True),
        sa.Column("client_id", sa.String(length=128), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("changes", types.JSONText(), nullable=True),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('success', 'failure', 'denied')", name=op.f("ck_audit_event_outcome_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_event_actor_id_id"), ["actor_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_event_subject_id_id"), ["subject_id", "id"], unique=False
        )

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("newest_event_id", sa.String(length=36), nullable=False),
        sa.Column("linked_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "code_mail_count",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", types.JSONText(), nullable=False),
        sa.Column("purge_after", types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_code_mail_count")),
    )
    with op.batch_alter_table("code_mail_count", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_code_mail_count_purge_after"), ["purge_after"], unique=False
        )

    op.create_table(
        "development_mail",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("received_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_development_mail_message_id")),
    )
    with op.batch_alter_table("development_mail", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_development_mail_received_at"), ["received_at"], unique=False
        )

    op.create_table(
        "flow_transaction",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("handle_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("return_to", sa.Text(), nullable=False),
        sa.Column("client", types.JSONText(), nullable=True),
        sa.Column("authorization", types.JSONText(), nullable=True),
        sa.Column("progress", types.JSONText(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("completed_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_transaction")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_flow_transaction_handle_hash")),
    )
    with op.batch_alter_table("flow_transaction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_flow_transaction_browser_hash"), ["browser_hash"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_flow_transaction_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "oidc_client",
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("names", types.JSONText(), nullable=False),
        sa.Column("client_uri", sa.Text(), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("auth_method", sa.String(length=32), nullable=False),
        sa.Column("grant_types", types.JSONText(), nullable=False),
        sa.Column("redirect_uris", types.JSONText(), nullable=False),
        sa.Column("post_logout_redirect_uris", types.JSONText(), nullable=False),
        sa.Column("backchannel_logout_uri", sa.Text(), nullable=True),
        sa.Column("initiate_login_uri", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("signing_alg", sa.String(length=16), nullable=False),
        sa.Column("default_acr_values", types.JSONText(), nullable=False),
        sa.Column("require_pkce", sa.Boolean(), nullable=False),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("reports_activity", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("disabled_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(auth_method = 'none') = (secret_hash IS NULL)",
            name=op.f("ck_oidc_client_secret_fits"),
        ),
        sa.CheckConstraint(
            "auth_method IN ('client_secret_basic', 'client_secret_post', 'none')",
            name=op.f("ck_oidc_client_auth_method_known"),
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_oidc_client")),
    )
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("issued_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("code_ends_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("link_ends_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("consumed_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("voided_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("purge_after", types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('email_verification', 'unlock', 'password_reset', 'invitation', 'email_change', 'email_change_undo', 'mfa_recovery', 'mfa_replacement', 'disavowal', 'support_call', 'pin_choice')",
            name=op.f("ck_one_time_code_purpose_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_one_time_code_link_hash")),
    )
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_one_time_code_purge_after"), ["purge_after"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_one_time_code_subject_purpose"), ["subject", "purpose"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_one_time_code_transaction_id_purpose_id"),
            ["transaction_id", "purpose", "id"],
            unique=False,
        )

    op.create_table(
        "organization",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("npi", sa.String(length=10), nullable=True),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("verified_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('state', 'agency', 'division', 'section', 'provider', 'contractor')",
            name=op.f("ck_organization_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organization.id"], name=op.f("fk_organization_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("npi", name=op.f("uq_organization_npi")),
    )
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("code_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("leased_until", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("settled_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'delivered', 'dropped', 'parked')",
            name=op.f("ck_outbox_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_state_settled_at"), ["state", "settled_at"], unique=False
        )

    op.create_table(
        "rate_limit_window",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit_window")),
    )
    with op.batch_alter_table("rate_limit_window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rate_limit_window_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "registration",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("details_sealed", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint(
            "transaction_id", "email_key", name=op.f("uq_registration_transaction_id_email_key")
        ),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registration_created_at"), ["created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_registration_email_key"), ["email_key"], unique=False)

    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("alg", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("public_jwk", types.JSONText(), nullable=False),
        sa.Column("private_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("activated_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("retired_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('published', 'active', 'retired', 'withdrawn')",
            name=op.f("ck_signing_key_state_known"),
        ),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.create_index(
            "uq_signing_key_active",
            ["alg"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "worker_heartbeat",
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("beat_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "audit_link",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_link_event_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_link_event_id")),
    )
    op.create_table(
        "password",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_password_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_password")),
    )
    op.create_table(
        "past_password",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_past_password_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_password")),
    )
    with op.batch_alter_table("past_password", schema=None) as batch_op:
        batch_op.create_index(
            "ix_past_password_account_id_created_at", ["account_id", "created_at"], unique=False
        )

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(
            "uq_recovery_code_account_id_code_hash", ["account_id", "code_hash"], unique=True
        )

    op.create_table(
        "role_assignment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("rights", types.JSONText(), nullable=False),
        sa.Column("starts_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("granted_by", sa.String(length=36), nullable=True),
        sa.Column("granted_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_assignment_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_role_assignment_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignment")),
    )
    with op.batch_alter_table("role_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_role_assignment_account_id", ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_role_assignment_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(
            "uq_role_assignment_office",
            ["organization_id", "role"],
            unique=True,
            sqlite_where=sa.text(
                "ended_at IS NULL AND role IN ('office_administrator', 'backup_office_administrator')"
            ),
            postgresql_where=sa.text(
                "ended_at IS NULL AND role IN ('office_administrator', 'backup_office_administrator')"
            ),
        )

    op.create_table(
        "session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sid", sa.String(length=43), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("amr", types.JSONText(), nullable=False),
        sa.Column("acr", sa.String(length=64), nullable=False),
        sa.Column("auth_time", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("factor_time", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_action_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("overall_ends_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=256), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_session_secret_hash")),
        sa.UniqueConstraint("sid", name=op.f("uq_session_sid")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(
            "ix_session_account_id_ended_at", ["account_id", "ended_at"], unique=False
        )
        batch_op.create_index("ix_session_ended_at", ["ended_at"], unique=False)
        batch_op.create_index(
            "ix_session_last_action_at_live",
            ["last_action_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_session_overall_ends_at"), ["overall_ends_at"], unique=False
        )

    op.create_table(
        "terms_acceptance",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("accepted_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_terms_acceptance_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "version", name=op.f("pk_terms_acceptance")),
    )
    op.create_table(
        "totp_app",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_totp_app_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_app")),
    )
    with op.batch_alter_table("totp_app", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_totp_app_account_id"), ["account_id"], unique=False)

    op.create_table(
        "oidc_grant",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=False),
        sa.Column("sid", sa.String(length=43), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("auth_time", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("amr", types.JSONText(), nullable=False),
        sa.Column("acr", sa.String(length=64), nullable=False),
        sa.Column("granted_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=True),
        sa.Column("code_expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("redeemed_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oidc_client.client_id"], name=op.f("fk_oidc_grant_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_oidc_grant_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_grant")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_oidc_grant_code_hash")),
    )
    with op.batch_alter_table("oidc_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oidc_grant_client_id"), ["client_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_oidc_grant_code_expires_at"), ["code_expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_oidc_grant_session_id"), ["session_id"], unique=False)

    op.create_table(
        "session_client",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("attached_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_session_client_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "client_id", name=op.f("pk_session_client")),
    )
    op.create_table(
        "oidc_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("predecessor_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("kind IN ('access', 'refresh')", name=op.f("ck_oidc_token_kind_known")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["oidc_grant.id"], name=op.f("fk_oidc_token_grant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_token")),
        sa.UniqueConstraint("predecessor_id", "kind", name="uq_oidc_token_successor"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oidc_token_token_hash")),
    )
    with op.batch_alter_table("oidc_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oidc_token_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_oidc_token_grant_id"), ["grant_id"], unique=False)
    triggers.create(op.get_bind())


def downgrade() -> None:
    """Remove every table."""
    triggers.drop(op.get_bind())
    with op.batch_alter_table("oidc_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oidc_token_grant_id"))
        batch_op.drop_index(batch_op.f("ix_oidc_token_expires_at"))

    op.drop_table("oidc_token")
    op.drop_table("session_client")
    with op.batch_alter_table("oidc_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oidc_grant_session_id"))
        batch_op.drop_index(batch_op.f("ix_oidc_grant_code_expires_at"))
        batch_op.drop_index(batch_op.f("ix_oidc_grant_client_id"))

    op.drop_table("oidc_grant")
    with op.batch_alter_table("totp_app", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_totp_app_account_id"))

    op.drop_table("totp_app")
    op.drop_table("terms_acceptance")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_overall_ends_at"))
        batch_op.drop_index(
            "ix_session_last_action_at_live",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_session_ended_at")
        batch_op.drop_index("ix_session_account_id_ended_at")

    op.drop_table("session")
    with op.batch_alter_table("role_assignment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_role_assignment_office",
            sqlite_where=sa.text(
                "ended_at IS NULL AND role IN ('office_administrator', 'backup_office_administrator')"
            ),
            postgresql_where=sa.text(
                "ended_at IS NULL AND role IN ('office_administrator', 'backup_office_administrator')"
            ),
        )
        batch_op.drop_index(batch_op.f("ix_role_assignment_organization_id"))
        batch_op.drop_index("ix_role_assignment_account_id")

    op.drop_table("role_assignment")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index("uq_recovery_code_account_id_code_hash")

    op.drop_table("recovery_code")
    with op.batch_alter_table("past_password", schema=None) as batch_op:
        batch_op.drop_index("ix_past_password_account_id_created_at")

    op.drop_table("past_password")
    op.drop_table("password")
    op.drop_table("audit_link")
    op.drop_table("worker_heartbeat")
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_signing_key_active",
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.drop_table("signing_key")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_email_key"))
        batch_op.drop_index(batch_op.f("ix_registration_created_at"))

    op.drop_table("registration")
    with op.batch_alter_table("rate_limit_window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rate_limit_window_ends_at"))

    op.drop_table("rate_limit_window")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_state_settled_at"))
        batch_op.drop_index(
            "ix_outbox_due",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )

    op.drop_table("outbox")
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_parent_id"))

    op.drop_table("organization")
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_code_transaction_id_purpose_id"))
        batch_op.drop_index(batch_op.f("ix_one_time_code_subject_purpose"))
        batch_op.drop_index(batch_op.f("ix_one_time_code_purge_after"))

    op.drop_table("one_time_code")
    op.drop_table("oidc_client")
    with op.batch_alter_table("flow_transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flow_transaction_expires_at"))
        batch_op.drop_index(batch_op.f("ix_flow_transaction_browser_hash"))

    op.drop_table("flow_transaction")
    with op.batch_alter_table("development_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_development_mail_received_at"))

    op.drop_table("development_mail")
    with op.batch_alter_table("code_mail_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_code_mail_count_purge_after"))

    op.drop_table("code_mail_count")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_subject_id_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_actor_id_id"))

    op.drop_table("audit_event")
    with op.batch_alter_table("attempt_counter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_counter_updated_at"))

    op.drop_table("attempt_counter")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_account_email_key_live",
            sqlite_where=sa.text("state IN ('pending_mfa', 'invited', 'active', 'suspended')"),
            postgresql_where=sa.text("state IN ('pending_mfa', 'invited', 'active', 'suspended')"),
        )
        batch_op.drop_index("ix_account_email_key")

    op.drop_table("account")
