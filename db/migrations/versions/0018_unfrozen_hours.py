"""An index of the hours of observation that retention has not frozen, which it asks for while a site is locked."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAME = "ix_hourly_observation_unfrozen"


def upgrade() -> None:
    """Apply the migration; the table is read once meanwhile, and nobody writes into it."""
    op.create_index(
        NAME,
        "hourly_observation",
        ["camera_id", "day"],
        sqlite_where=sa.text("frozen IS 0"),
        postgresql_where=sa.text("frozen IS false"),
    )


def downgrade() -> None:
    """Take the migration back."""
    op.drop_index(NAME, "hourly_observation")
