"""Day sheets: one row a camera and day, so that demographics of three months do not read every hourly count."""

from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROWS_AT_ONCE = 2000


def upgrade() -> None:
    """Apply the migration and derive the sheets of what is there."""
    sheets = op.create_table(
        "day_sheets",
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["cameras.id"], name=op.f("fk_day_sheets_camera_id_cameras")),
        sa.PrimaryKeyConstraint("camera_id", "day", name=op.f("pk_day_sheets")),
    )
    keys: list[sa.ColumnClause[Any]] = [
        sa.column("camera_id", sa.Integer()),
        sa.column("day", sa.Date()),
        sa.column("hour_start", sa.DateTime(timezone=True)),
        sa.column("gender", sa.String()),
        sa.column("age_group", sa.String()),
    ]
    hourly = sa.table("hourly_visits")
    query = sa.select(*keys, sa.func.sum(sa.column("visits"))).select_from(hourly).group_by(*keys).order_by(*keys)
    connection = op.get_bind()
    # One camera at a time and no cursor in the server, which a server that goes away would leave open.
    cameras = connection.execute(sa.select(keys[0]).select_from(hourly).distinct().order_by(keys[0])).scalars().all()
    for camera in cameras:
        found = connection.execute(query.where(keys[0] == camera)).all()
        rows = [
            {"camera_id": camera, "day": day, "counts": _packed([cell[2:] for cell in cells])}
            for day, cells in groupby(map(tuple, found), lambda row: row[1])
        ]
        for first in range(0, len(rows), ROWS_AT_ONCE):
            connection.execute(sa.insert(sheets), rows[first : first + ROWS_AT_ONCE])


def downgrade() -> None:
    """Take the migration back."""
    op.drop_table("day_sheets")


def _packed(cells: list[tuple[Any, ...]]) -> dict[str, object]:
    # As db.day_sheets stores it; a migration must not change with the program.
    counts = {(hour, (gender, age_group)): int(visits) for hour, gender, age_group, visits in cells}
    hours = sorted({hour for hour, _ in counts})
    groups = sorted({group for _, group in counts})
    return {
        "groups": groups,
        "hours": [hour.isoformat() + ("" if hour.tzinfo else "+00:00") for hour in hours],
        "visits": [[counts.get((hour, group), 0) for group in groups] for hour in hours],
    }
