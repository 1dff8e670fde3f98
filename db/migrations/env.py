"""Runs the migrations on the connection handed over by db.migration, inside its transaction."""

from alembic import context

from db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # also on SQLite: db.session begins real transactions there
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
