"""Corrected shares: what ages visits were likely of, what networks confuse, and the estimates of each day."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the migration."""
    op.add_column("visits", sa.Column("age_shares", sa.Text(), nullable=True))
    op.add_column("daily_reports", sa.Column("basis", sa.JSON(), nullable=True))
    op.create_table(
        "calibrations",
        sa.Column("network", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("confusion", sa.Text(), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("network", "sha256", name=op.f("pk_calibrations")),
    )
    op.create_table(
        "share_estimates",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entrance", sa.String(length=200), nullable=False),
        sa.Column("dimension", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("small_cell", sa.Integer(), nullable=False),
        sa.Column("made_of", sa.String(length=64), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_share_estimates_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "day", "entrance", "dimension", name=op.f("pk_share_estimates")),
    )


def downgrade() -> None:
    """Take the migration back."""
    op.drop_table("share_estimates")
    op.drop_table("calibrations")
    op.drop_column("daily_reports", "basis")
    op.drop_column("visits", "age_shares")
