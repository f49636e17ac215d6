"""Alembic's environment. `amply.migrations.schema` supplies the connection and holds the lock."""

from alembic import context

from amply.migrations.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a column: Alembic copies the table instead
    compare_server_default=True,
    # One that the caller has opened (SQLite's, by its lock) holds all of them.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
