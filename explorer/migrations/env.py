"""What Alembic runs: it applies steps within the transaction that `explorer.migrations.upgrade` has begun."""

from __future__ import annotations

from alembic import context

from explorer.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite, too: the driver begins and commits nothing by itself
)
with context.begin_transaction():
    context.run_migrations()
