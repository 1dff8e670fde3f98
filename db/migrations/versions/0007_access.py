"""Access: remember that there once was a user, and take addresses out of the reasons of outages."""

import re
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Up to the last @ of the line, because a password may hold anything. A migration must not change with the program.
ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://(?:.*@)?[^\s'\"<>]*")


def upgrade() -> None:
    """Apply the migration; a database with users is one that had some."""
    state = op.create_table(
        "access_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_state")),
    )
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT count(*) FROM users")).scalar_one():
        connection.execute(sa.insert(state), [{"id": 1, "closed_at": datetime.now(UTC), "attempts": 0}])
    outages = sa.table("outages", sa.column("uid", sa.Uuid()), sa.column("reason", sa.String()))
    reason = outages.c.reason
    for (told,) in connection.execute(sa.select(reason).where(reason.contains("://")).distinct()).all():
        masked = ADDRESS.sub(r"\1://***", told)
        connection.execute(sa.update(outages).where(reason == told).values(reason=masked))


def downgrade() -> None:
    """Take the migration back; addresses stay masked."""
    op.drop_table("access_state")
