"""Audits by tally: what people counted by hand, and the settings of the cameras that they compared with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the migration."""
    op.create_table(
        "audits",
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("entrance", sa.String(length=200), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=True),
        sa.Column("auditor", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("precision_s", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("void_reason", sa.String(length=500), nullable=False),
        sa.Column("setups", sa.JSON(), nullable=True),
        sa.Column("comparison", sa.JSON(), nullable=True),
        sa.Column("compared_version", sa.Integer(), nullable=True),
        sa.Column("compared_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["camera_id"], ["cameras.id"], name=op.f("fk_audits_camera_id_cameras")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_audits_site_id_sites")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_audits")),
    )
    op.create_index(op.f("ix_audits_site_id_started_at"), "audits", ["site_id", "started_at"])
    op.create_table(
        "audit_taps",
        sa.Column("audit_uid", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("tapped_at", INSTANT, nullable=False),
        sa.Column("gender", sa.String(length=8), nullable=True),
        sa.Column("age_group", sa.String(length=16), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["audit_uid"], ["audits.uid"], name=op.f("fk_audit_taps_audit_uid_audits")),
        sa.PrimaryKeyConstraint("audit_uid", "number", name=op.f("pk_audit_taps")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "camera_setups",
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("line", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["cameras.id"], name=op.f("fk_camera_setups_camera_id_cameras")),
        sa.PrimaryKeyConstraint("camera_id", "since", name=op.f("pk_camera_setups")),
    )


def downgrade() -> None:
    """Take the migration back."""
    op.drop_table("camera_setups")
    op.drop_table("audit_taps")
    op.drop_index(op.f("ix_audits_site_id_started_at"), "audits")
    op.drop_table("audits")
