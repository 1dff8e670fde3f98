"""Boxes of a site that share signatures: how many arrivals of a part the others did not hear of, and v_unique by it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SUMS = """, sums AS (
    SELECT c.site_id, f.day, sum(f.told) AS judged, sum(f.compared) AS compared, sum(f.staff_arrivals) AS staff,
        sum(f.first_sum) / ({real} 10000) AS people FROM daily_firsts f JOIN cameras c ON c.id = f.camera_id
    GROUP BY c.site_id, f.day
)
SELECT s.name AS site, parts.day, parts.parts, sums.judged, sums.compared, sums.staff,
    CASE WHEN {told} THEN sums.people END AS unique_visitors,
    CASE WHEN {told} THEN parts.low END AS unique_low,
    CASE WHEN {told} THEN parts.high END AS unique_high{more}
FROM parts JOIN sums ON sums.site_id = parts.site_id AND sums.day = parts.day JOIN sites s ON s.id = parts.site_id
"""
BEFORE = """
WITH parts AS (
    SELECT site_id, day, count(*) AS parts, max(low) AS low, max(high) AS high FROM register_parts
    WHERE arrivals > 0 GROUP BY site_id, day
)"""
# Parts that share everything were compared with each other, and their intervals add up.
AFTER = """
WITH parts AS (
    SELECT site_id, day, count(*) AS parts, sum(coalesce(not_shared, arrivals)) AS alone, sum(not_shared) AS not_shared,
        CASE WHEN count(low) = count(*) THEN sum(low) END AS low,
        CASE WHEN count(high) = count(*) THEN sum(high) END AS high
    FROM register_parts WHERE arrivals > 0 GROUP BY site_id, day
)"""


def upgrade() -> None:
    """Apply the migration; parts of before share nothing."""
    op.add_column("register_parts", sa.Column("not_shared", sa.Integer(), nullable=True))
    text = AFTER + SUMS.format(
        real=_real(), told="parts.parts = 1 OR parts.alone = 0", more=",\n    parts.not_shared AS not_shared"
    )
    if _is_sqlite():
        op.execute("DROP VIEW v_unique")
        op.execute(f"CREATE VIEW v_unique AS {text}")
    else:  # whoever may read the view still may
        op.execute(f"CREATE OR REPLACE VIEW v_unique AS {text}")


def downgrade() -> None:
    """Take the migration back."""
    op.execute("DROP VIEW v_unique")
    op.drop_column("register_parts", "not_shared")
    op.execute(f"CREATE VIEW v_unique AS {BEFORE}{SUMS.format(real=_real(), told='parts.parts = 1', more='')}")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _real() -> str:
    return "1.0 *" if _is_sqlite() else "1.0::double precision *"
