"""Versions of days, so that a report is logged only for the state of the database that it was made from."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration; a day without a row is at version 0."""
    op.create_table(
        "day_versions",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_day_versions_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_day_versions")),
    )


def downgrade() -> None:
    """Take the migration back."""
    op.drop_table("day_versions")
