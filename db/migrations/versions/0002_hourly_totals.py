"""Hourly totals without gender and age, so that a year by hour does not read millions of rows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration and derive the totals of what is there."""
    op.create_table(
        "hourly_totals",
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["cameras.id"], name=op.f("fk_hourly_totals_camera_id_cameras")),
        sa.PrimaryKeyConstraint("camera_id", "day", "hour_start", "direction", name=op.f("pk_hourly_totals")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO hourly_totals (camera_id, day, hour_start, direction, visits) "
        "SELECT camera_id, day, hour_start, direction, sum(visits) FROM hourly_visits "
        "GROUP BY camera_id, day, hour_start, direction"
    )


def downgrade() -> None:
    """Take the migration back."""
    op.drop_table("hourly_totals")
