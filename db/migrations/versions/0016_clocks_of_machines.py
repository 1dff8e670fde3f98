"""How far the clock of each machine is from that of the database server."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration; nothing is known of a machine until its program is heard of again."""
    op.add_column("boxes", sa.Column("clock_ahead_s", sa.Double(), nullable=True))


def downgrade() -> None:
    """Take the migration back."""
    op.drop_column("boxes", "clock_ahead_s")
