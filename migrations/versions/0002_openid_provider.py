"""The complete OpenID provider: consent, pushed requests, what grants carry, client settings.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from idp.foundation import database as types

revision = "0002"
down_revision = "0001"

_CLIENT_COLUMNS = (
    ("application_type", sa.String(length=16), "web"),
    ("subject_type", sa.String(length=16), "public"),
    ("jwks", types.JSONText(), None),
    ("request_object_signing_alg", sa.String(length=16), None),
    ("require_pushed", sa.Boolean(), sa.false()),
    ("authorization_details_types", types.JSONText(), "[]"),
    ("auth_signing_alg", sa.String(length=16), None),
    ("userinfo_signing_alg", sa.String(length=16), None),
    ("resources", types.JSONText(), "[]"),
    ("serves", types.JSONText(), "[]"),
    ("registration_token_hash", sa.String(length=64), None),
)
_ACCOUNT_COLUMNS = (("standard_claims", types.JSONText(), None),)
_CLIENT_LOGOUT_COLUMNS = (
    ("frontchannel_logout_uri", sa.Text(), None),
    ("frontchannel_logout_session_required", sa.Boolean(), sa.false()),
)
_FORMER_AUTH_METHODS = "auth_method IN ('client_secret_basic', 'client_secret_post', 'none')"
_FORMER_SECRET_FITS = "(auth_method = 'none') = (secret_hash IS NULL)"
_AUTH_METHODS = (
    "auth_method IN ('client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none')"
)
_SECRET_FITS = "(auth_method IN ('none', 'private_key_jwt')) = (secret_hash IS NULL)"
_TOKEN_COLUMNS = (("resource", sa.Text(), None),)
_GRANT_COLUMNS = (
    ("is_offline", sa.Boolean(), sa.false()),
    ("consent_id", sa.String(length=36), None),
    ("claims", types.JSONText(), None),
    ("authorization_details", types.JSONText(), None),
    ("resource", sa.Text(), None),
)


def upgrade() -> None:
    """Make what is new; rows that exist keep meaning what they meant."""
    _make_tables()
    _add("account", (("grants_end_before", types.UTCDateTime(timezone=True), None),))
    _add("account", _ACCOUNT_COLUMNS)
    _add("oidc_client", _CLIENT_COLUMNS)
    with op.batch_alter_table("oidc_client") as batch:
        batch.create_unique_constraint(
            "uq_oidc_client_registration_token_hash", ["registration_token_hash"]
        )
    _add("oidc_client", _CLIENT_LOGOUT_COLUMNS)
    _add("oidc_grant", _GRANT_COLUMNS)
    _add("oidc_token", _TOKEN_COLUMNS)
    _check_clients(_AUTH_METHODS, _SECRET_FITS)
    _let_grants_outlive_sessions()


def downgrade() -> None:
    """Take it back; a grant without a session had no place in the first schema."""
    op.execute(
        "DELETE FROM oidc_token WHERE grant_id IN"
        " (SELECT id FROM oidc_grant WHERE session_id IS NULL)"
    )
    op.execute("DELETE FROM oidc_grant WHERE session_id IS NULL")
    _tie_grants_to_sessions()
    _remove("oidc_grant", _GRANT_COLUMNS)
    _remove("oidc_client", _CLIENT_LOGOUT_COLUMNS)
    op.execute("UPDATE oidc_client SET auth_method = 'none' WHERE auth_method = 'private_key_jwt'")
    with op.batch_alter_table("oidc_client") as batch:
        batch.drop_constraint("uq_oidc_client_registration_token_hash", type_="unique")
    _remove("oidc_client", _CLIENT_COLUMNS)
    _check_clients(_FORMER_AUTH_METHODS, _FORMER_SECRET_FITS)
    _remove("oidc_token", _TOKEN_COLUMNS)
    _remove("account", _ACCOUNT_COLUMNS)
    _remove("account", (("grants_end_before", None, None),))
    for table in ("oidc_device", "oidc_client_token", "oidc_registration_token"):
        op.drop_table(table)
    for table in ("oidc_used_jti", "oidc_pushed_request", "consent"):
        op.drop_table(table)


def _make_tables() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("client_names", types.JSONText(), nullable=False),
        sa.Column("scopes", types.JSONText(), nullable=False),
        sa.Column("words_version", sa.String(length=32), nullable=False),
        sa.Column("given_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_consent_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index(
        "uq_consent_in_force",
        "consent",
        ["account_id", "client_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "oidc_pushed_request",
        sa.Column("uri_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("parameters", types.JSONText(), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oidc_client.client_id"], name="fk_oidc_pushed_request_client_id"
        ),
        sa.PrimaryKeyConstraint("uri_hash", name="pk_oidc_pushed_request"),
    )
    op.create_index("ix_oidc_pushed_request_expires_at", "oidc_pushed_request", ["expires_at"])
    op.create_table(
        "oidc_used_jti",
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("jti_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name="pk_oidc_used_jti"),
    )
    op.create_index("ix_oidc_used_jti_expires_at", "oidc_used_jti", ["expires_at"])

    _make_tables_of_tokens()


def _make_tables_of_tokens() -> None:
    op.create_table(
        "oidc_client_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=True),
        sa.Column("issued_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oidc_client.client_id"], name="fk_oidc_client_token_client_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_client_token"),
        sa.UniqueConstraint("token_hash", name="uq_oidc_client_token_token_hash"),
    )
    op.create_index("ix_oidc_client_token_expires_at", "oidc_client_token", ["expires_at"])
    op.create_table(
        "oidc_registration_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_registration_token"),
        sa.UniqueConstraint("token_hash", name="uq_oidc_registration_token_token_hash"),
    )
    op.create_table(
        "oidc_device",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=128), nullable=False),
        sa.Column("device_code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_code_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=True),
        sa.Column("asked_from", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'denied')", name="ck_oidc_device_state_known"
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oidc_client.client_id"], name="fk_oidc_device_client_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_device"),
        sa.UniqueConstraint("device_code_hash", name="uq_oidc_device_device_code_hash"),
        sa.UniqueConstraint("user_code_hash", name="uq_oidc_device_user_code_hash"),
    )
    op.create_index("ix_oidc_device_expires_at", "oidc_device", ["expires_at"])


def _check_clients(auth_methods: str, secret_fits: str) -> None:
    """Put other checks in the place of two."""
    checks = {"auth_method_known": auth_methods, "secret_fits": secret_fits}
    with op.batch_alter_table("oidc_client") as batch:
        for name, text in checks.items():
            full = op.f(f"ck_oidc_client_{name}")
            batch.drop_constraint(full, type_="check")
            batch.create_check_constraint(full, sa.text(text))


def _let_grants_outlive_sessions() -> None:
    with op.batch_alter_table("oidc_grant") as batch:
        batch.drop_constraint("fk_oidc_grant_session_id", type_="foreignkey")
        batch.alter_column("session_id", existing_type=sa.String(length=36), nullable=True)
        batch.create_foreign_key(
            "fk_oidc_grant_session_id", "session", ["session_id"], ["id"], ondelete="SET NULL"
        )


def _tie_grants_to_sessions() -> None:
    with op.batch_alter_table("oidc_grant") as batch:
        batch.drop_constraint("fk_oidc_grant_session_id", type_="foreignkey")
        batch.alter_column("session_id", existing_type=sa.String(length=36), nullable=False)
        batch.create_foreign_key(
            "fk_oidc_grant_session_id", "session", ["session_id"], ["id"], ondelete="CASCADE"
        )


def _add(table: str, columns: tuple[tuple[str, Any, Any], ...]) -> None:
    """Add columns; one with a value for rows that exist takes no NULL."""
    with op.batch_alter_table(table) as batch:
        for name, kind, value in columns:
            batch.add_column(sa.Column(name, kind, nullable=value is None, server_default=value))


def _remove(table: str, columns: tuple[tuple[str, Any, Any], ...]) -> None:
    with op.batch_alter_table(table) as batch:
        for name, _, _ in columns:
            batch.drop_column(name)
