"""The first tables: revisions, editors, sessions, set-up links, throttle, audit, presence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("takeaway", sa.Text, nullable=False),
        sa.Column("section", sa.String(100), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("shipped_hash", sa.String(64)),
        sa.Column("shipped", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("topic", "number", name="uq_revisions_topic_number"),
    )
    op.create_table(
        "editors",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("password", sa.String(200)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editors"),
        sa.UniqueConstraint("name", name="uq_editors_name"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("editor_id", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], "fk_sessions_editor_id", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_editor_id", "sessions", ["editor_id"])
    op.create_table(
        "setup_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("editor_id", sa.Integer),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("token_hash", name="pk_setup_links"),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], "fk_setup_links_editor_id", ondelete="CASCADE"),
    )
    op.create_index("ix_setup_links_editor_id", "setup_links", ["editor_id"])
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_throttle"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "presence",
        sa.Column("editor_id", sa.Integer, nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("editor_id", "topic", name="pk_presence"),
        sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], "fk_presence_editor_id", ondelete="CASCADE"),
    )
