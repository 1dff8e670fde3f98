"""Figures from outside: sales, hours of staff, weather, and who imported them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the migration."""
    op.create_table(
        "figure_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file", sa.String(length=500), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("replaced_days", sa.Integer(), nullable=False),
        sa.Column("imported_by", sa.String(length=200), nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_figure_imports_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_imports")),
    )
    op.create_index(op.f("ix_figure_imports_site_id"), "figure_imports", ["site_id"])
    op.create_table(
        "figures",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entrance", sa.String(length=200), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_figures_site_id_sites")),
        sa.ForeignKeyConstraint(["import_id"], ["figure_imports.id"], name=op.f("fk_figures_import_id_figure_imports")),
        sa.PrimaryKeyConstraint("site_id", "measure", "day", "entrance", "hour", name=op.f("pk_figures")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_figures_import_id"), "figures", ["import_id"])
    op.create_table(
        "weather",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("temperature_c", sa.Double(), nullable=True),
        sa.Column("rain_mm", sa.Double(), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_weather_site_id_sites")),
        sa.ForeignKeyConstraint(["import_id"], ["figure_imports.id"], name=op.f("fk_weather_import_id_figure_imports")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_weather")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_weather_import_id"), "weather", ["import_id"])


def downgrade() -> None:
    """Take the migration back."""
    op.drop_table("weather")
    op.drop_table("figures")
    op.drop_table("figure_imports")
