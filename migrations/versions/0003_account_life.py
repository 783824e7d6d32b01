"""The whole life of an account: passkeys, known browsers, changes, recoveries, closing.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from idp.foundation import database as types

revision = "0003"
down_revision = "0002"

_MOMENT = types.UTCDateTime(timezone=True)
_ACCOUNT_COLUMNS = (
    ("terms_version", sa.String(length=32), ""),
    ("notification_email", sa.String(length=320), ""),
    ("last_signed_in_at", _MOMENT, None),
    ("frozen_at", _MOMENT, None),
    ("freeze_reason", sa.String(length=32), None),
    ("mfa_hold_until", _MOMENT, None),
    ("closes_at", _MOMENT, None),
    ("archived_at", _MOMENT, None),
    ("dormant_notices", sa.Integer(), "0"),
    ("dormant_noticed_at", _MOMENT, None),
    ("restore_asked_at", _MOMENT, None),
)
_NOTE_TERMS = (
    "UPDATE account SET terms_version = COALESCE((SELECT MAX(version) FROM terms_acceptance"
    " WHERE terms_acceptance.account_id = account.id), '')"
)
_FORMER_PURPOSES = (
    "email_verification", "unlock", "password_reset", "invitation", "email_change",
    "email_change_undo", "mfa_recovery", "mfa_replacement", "disavowal", "support_call",
    "pin_choice",
)  # fmt: skip
_PURPOSES = (*_FORMER_PURPOSES, "mfa_recovery_cancel", "closing_undo", "account_restore")
_TABLES = ("kept_form", "lost_factor", "email_change", "passkey")


def upgrade() -> None:
    """Make what is new; rows that exist keep meaning what they meant."""
    with op.batch_alter_table("account") as batch:
        for name, kind, default in _ACCOUNT_COLUMNS:
            batch.add_column(_column(name, kind, default))
    op.execute(_NOTE_TERMS)
    op.create_index("ix_account_closes_at", "account", ["closes_at"])
    op.create_index("ix_account_restore_asked_at", "account", ["restore_asked_at"])
    op.create_index("ix_account_state_last_signed_in_at", "account", ["state", "last_signed_in_at"])
    with op.batch_alter_table("password") as batch:
        batch.add_column(sa.Column("must_reset_since", _MOMENT, nullable=True))
    _make_tables()
    with op.batch_alter_table("session_client") as batch:
        batch.add_column(sa.Column("client_names", types.JSONText(), nullable=True))
    _allow_purposes(_PURPOSES)


def downgrade() -> None:
    """Take it back; codes for what the former program does not know are gone with it."""
    new = sorted(set(_PURPOSES) - set(_FORMER_PURPOSES))
    op.execute(f"DELETE FROM one_time_code WHERE purpose IN {tuple(new)}")  # noqa: S608 - ours
    _allow_purposes(_FORMER_PURPOSES)
    with op.batch_alter_table("session_client") as batch:
        batch.drop_column("client_names")
    for table in (*_TABLES, "known_browser"):
        op.drop_table(table)
    with op.batch_alter_table("password") as batch:
        batch.drop_column("must_reset_since")
    op.drop_index("ix_account_state_last_signed_in_at", "account")
    op.drop_index("ix_account_restore_asked_at", "account")
    op.drop_index("ix_account_closes_at", "account")
    with op.batch_alter_table("account") as batch:
        for name, _, _ in _ACCOUNT_COLUMNS:
            batch.drop_column(name)


def _column(name: str, kind: Any, default: str | None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=default is None, server_default=default)


def _allow_purposes(purposes: Sequence[str]) -> None:
    name = op.f("ck_one_time_code_purpose_known")
    with op.batch_alter_table("one_time_code") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, sa.text(f"purpose IN {tuple(purposes)}"))


def _make_tables() -> None:
    _make(
        "known_browser",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=256), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.UniqueConstraint("secret_hash", name="uq_known_browser_secret_hash"),
    )
    op.create_index("ix_known_browser_account_id", "known_browser", ["account_id"])
    op.create_index("ix_known_browser_expires_at", "known_browser", ["expires_at"])
    _make(
        "passkey",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", types.JSONText(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=True),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])
    _make_table_of_email_changes()
    _make_table_of_lost_factors()
    _make(
        "kept_form",
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("fields_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_kept_form_account_id_path", "kept_form", ["account_id", "path"])
    op.create_index("ix_kept_form_expires_at", "kept_form", ["expires_at"])


def _make_table_of_email_changes() -> None:
    _make(
        "email_change",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("old_email", sa.String(length=320), nullable=False),
        sa.Column("new_email", sa.String(length=320), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("undo_until", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('primary', 'notification')", name=op.f("ck_email_change_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'undone', 'dropped')",
            name=op.f("ck_email_change_state_known"),
        ),
    )
    _only_one(
        "email_change", "uq_email_change_waiting", ["account_id", "kind"], "state = 'waiting'"
    )
    op.create_index(
        "ix_email_change_account_id_asked_at", "email_change", ["account_id", "asked_at"]
    )


def _make_table_of_lost_factors() -> None:
    _make(
        "lost_factor",
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("ready_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("cancelled_by", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'cancelled', 'completed', 'expired')",
            name=op.f("ck_lost_factor_state_known"),
        ),
    )
    _only_one("lost_factor", "uq_lost_factor_open", ["account_id"], "state IN ('waiting', 'ready')")
    op.create_index("ix_lost_factor_account_id_asked_at", "lost_factor", ["account_id", "asked_at"])
    op.create_index("ix_lost_factor_state_ready_at", "lost_factor", ["state", "ready_at"])


def _make(table: str, *columns: Any) -> None:
    """Make a table of things that belong to an account."""
    op.create_table(
        table,
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=f"fk_{table}_account_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def _only_one(table: str, name: str, columns: Sequence[str], where: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
