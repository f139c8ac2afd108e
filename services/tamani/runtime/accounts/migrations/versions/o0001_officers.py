"""The first tables: officers, their links, recovery codes and sessions, attempts, the trail and the vault's salt."""

import sqlalchemy as sa
from alembic import op

revision = "o0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables in an empty file."""
    _officers()
    _what_proves_them()
    _sessions()
    op.create_table(
        "audit",
        sa.Column("no", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("officer", sa.String, sa.ForeignKey("officer.id"), nullable=False, index=True),
        sa.Column("detail", sa.String, nullable=False),
    )
    op.create_table(
        "vault",
        sa.Column("one", sa.Integer, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
    )


def _officers() -> None:
    op.create_table(
        "officer",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("function", sa.String, nullable=False),
        sa.Column("login", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("roles", sa.String, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_pending", sa.LargeBinary),
        sa.Column("totp_step", sa.Integer),
        sa.Column("demo", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
    )
    op.create_index("officer_login", "officer", ["login"], unique=True, sqlite_where=sa.text("state <> 'closed'"))
    op.create_index("officer_source", "officer", ["source"])


def _what_proves_them() -> None:
    op.create_table(
        "link",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("officer", sa.String, sa.ForeignKey("officer.id"), nullable=False, unique=True),
        sa.Column("expires", sa.Integer, nullable=False),
    )
    op.create_table(
        "recovery",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("officer", sa.String, sa.ForeignKey("officer.id"), nullable=False, index=True),
    )
    op.create_table(
        "attempt",
        sa.Column("what", sa.LargeBinary, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=False),
    )


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("sid", sa.LargeBinary, primary_key=True),
        sa.Column("officer", sa.String, sa.ForeignKey("officer.id"), nullable=False, index=True),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
        sa.Column("idle", sa.Integer, nullable=False),
        sa.Column("expires", sa.Integer, nullable=False, index=True),
    )
