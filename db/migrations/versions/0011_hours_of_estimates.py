"""Corrected shares by hour: the sums of each day's hours, beside its estimates."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration."""
    op.add_column("share_estimates", sa.Column("hours", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Take the migration back."""
    op.drop_column("share_estimates", "hours")
