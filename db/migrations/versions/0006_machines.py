"""Several machines for one database: what each of them said last, and who ended a camera's period."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration; periods that ended so far were ended by a settings file, and nobody retired a camera."""
    op.create_table(
        "boxes",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_boxes")),
    )
    op.add_column("camera_periods", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the migration back."""
    op.drop_column("camera_periods", "retired_at")
    op.drop_table("boxes")
