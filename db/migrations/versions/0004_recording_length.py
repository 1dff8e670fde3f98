"""How long a recording's content is, by which a longer file with the same beginning is known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration; the length of earlier recordings is not known."""
    op.add_column("recordings", sa.Column("length", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take the migration back."""
    # Not in a batch, which would make the table anew while visits refer to it.
    op.drop_column("recordings", "length")
