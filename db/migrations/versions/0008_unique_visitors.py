"""Unique visitors: what the register of the day judged of each visit, its parts, and their sums."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the migration; nobody compared the visits of days before it, and their tables stay empty."""
    op.create_table(
        "visit_firsts",
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=True),
        sa.Column("compared", sa.Boolean(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["cameras.id"], name=op.f("fk_visit_firsts_camera_id_cameras")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_visit_firsts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_visit_firsts_part"), "visit_firsts", ["part"])
    _create_parts()
    moment = sa.Column("hour_start", sa.DateTime(timezone=True), nullable=False)
    _create_sums("hourly_firsts", moment)
    _create_sums("daily_firsts")
    op.add_column("reopened_days", sa.Column("unique_changed", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the migration back."""
    op.drop_column("reopened_days", "unique_changed")
    for table in ("daily_firsts", "hourly_firsts", "register_parts", "visit_firsts"):
        op.drop_table(table)


def _create_parts() -> None:
    op.create_table(
        "register_parts",
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.Column("unique", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("returns_per_pair", sa.Double(), nullable=False),
        sa.Column("stays", sa.JSON(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_register_parts_site_id_sites")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_register_parts")),
    )
    op.create_index(op.f("ix_register_parts_site_id_day"), "register_parts", ["site_id", "day"])


def _create_sums(table: str, *moment: sa.Column[Any]) -> None:
    keys: list[sa.Column[Any]] = [
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *moment,
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("gender", sa.String(length=8), nullable=False),
        sa.Column("age_group", sa.String(length=16), nullable=False),
    ]
    op.create_table(
        table,
        *keys,
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("first_sum", sa.BigInteger(), nullable=False),
        sa.Column("staff_arrivals", sa.Integer(), nullable=False),
        sa.Column("staff_visits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["cameras.id"], name=op.f(f"fk_{table}_camera_id_cameras")),
        sa.PrimaryKeyConstraint(*(column.name for column in keys), name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
