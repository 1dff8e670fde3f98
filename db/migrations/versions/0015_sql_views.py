"""Views with stable names for whoever asks the database itself (docs/sql.md), and the time zones' offsets they need."""

import sqlalchemy as sa
from alembic import op

from db.writing.zone_offsets import keep_offsets

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

# What the two databases say differently.
SQLITE = {
    "next_day": "date(day, '+1 day')",
    "today": "date('now')",
    "least": "min",
    "greatest": "max",
    "materialized": "",
    "real": "1.0 *",
    "weekday": "(CAST(strftime('%w', day) AS INTEGER) + 6) % 7",
    "text_of_day": "json_extract(hours, '$[' || ({}) || ']')",
    "seconds": "(CAST(substr({0}, {1}, 2) AS INTEGER) * 3600 + CAST(substr({0}, {1} + 3, 2) AS INTEGER) * 60)",
    "clock": "strftime('%H:%M', hour_start, offset_s || ' seconds')",
    "clock_s": "(CAST(strftime('%s', hour_start) AS INTEGER) + offset_s) % 86400",
    "local": "strftime('%Y-%m-%dT%H:%M', hour_start, offset_s || ' seconds') || "
    "printf('%s%02d:%02d', CASE WHEN offset_s < 0 THEN '-' ELSE '+' END, "
    "abs(offset_s) / 3600, abs(offset_s) % 3600 / 60)",
}
POSTGRESQL = {
    "next_day": "day + 1",
    "today": "(now() AT TIME ZONE time_zone)::date",
    "least": "least",
    "greatest": "greatest",
    "materialized": "MATERIALIZED",
    "real": "1.0::double precision *",
    "weekday": "(extract(isodow FROM day)::integer - 1)",
    "text_of_day": "(hours ->> ({}))",
    "seconds": "(substr({0}, {1}, 2)::integer * 3600 + substr({0}, {1} + 3, 2)::integer * 60)",
    "clock": "to_char(hour_start AT TIME ZONE 'UTC' + offset_s * interval '1 second', 'HH24:MI')",
    "clock_s": "mod(extract(epoch FROM hour_start)::bigint + offset_s, 86400)",
    "local": "to_char(hour_start AT TIME ZONE 'UTC' + offset_s * interval '1 second', 'YYYY-MM-DD\"T\"HH24:MI') || "
    "CASE WHEN offset_s < 0 THEN '-' ELSE '+' END || lpad((abs(offset_s) / 3600)::text, 2, '0') || ':' || "
    "lpad((abs(offset_s) % 3600 / 60)::text, 2, '0')",
}
NEWEST_FIRST = (
    "v_events", "v_outages", "v_reports", "v_unique_groups", "v_unique", "v_groups_hourly", "v_groups_daily",
    "v_hourly", "v_daily", "v_completeness", "v_cameras", "v_base_counts", "v_base_opening",
)  # fmt: skip

CAMERAS = """
SELECT s.name AS site, s.label AS site_label, s.time_zone, c.entrance, c.name AS camera, c.label AS camera_label,
    (SELECT min(p.first_day) FROM camera_periods p WHERE p.camera_id = c.id) AS first_day,
    (SELECT CASE WHEN count(*) > count(p.last_day) THEN NULL ELSE max(p.last_day) END
        FROM camera_periods p WHERE p.camera_id = c.id) AS last_day
FROM cameras c JOIN sites s ON s.id = c.site_id
"""
# Which camera was to watch on which day, and the seconds of local midnight from and until which the mall was open:
# `rest_s` of an opening that began the day before, then from `opens_s` to `closes_s`.
OPENING = """
WITH RECURSIVE expected (camera_id, site_id, day, last_day) AS (
    SELECT p.camera_id, c.site_id, p.first_day, {least}(coalesce(p.last_day, {today}), {greatest}({today}, coalesce(
        (SELECT max(o.day) FROM hourly_observation o WHERE o.camera_id = c.id), {today})))
    FROM camera_periods p JOIN cameras c ON c.id = p.camera_id JOIN sites s ON s.id = c.site_id
    WHERE p.first_day <= coalesce(p.last_day, p.first_day)
    UNION ALL
    SELECT camera_id, site_id, {next_day}, last_day FROM expected WHERE day < last_day
), days AS (
    SELECT camera_id, site_id, day FROM expected
    UNION SELECT o.camera_id, c.site_id, o.day FROM hourly_observation o JOIN cameras c ON c.id = o.camera_id
), history AS (
    SELECT site_id, valid_from, lead(valid_from) OVER (PARTITION BY site_id ORDER BY valid_from) AS valid_until, hours
    FROM opening_hours
), weekdays AS (
    SELECT 0 AS weekday UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6
), texts AS (
    SELECT site_id, valid_from, valid_until, weekday, {of_today} AS today, {of_yesterday} AS yesterday
    FROM history CROSS JOIN weekdays
), spans AS {materialized} (
    SELECT site_id, valid_from, valid_until, weekday,
        CASE WHEN yesterday = 'closed' THEN 0 WHEN {y_closes} > {y_opens} THEN 0 ELSE {y_closes} END AS rest_s,
        CASE WHEN today = 'closed' THEN 0 ELSE {t_opens} END AS opens_s,
        CASE WHEN today = 'closed' THEN 0 WHEN {t_closes} > {t_opens} THEN {t_closes} ELSE 86400 END AS closes_s
    FROM texts
)
SELECT days.camera_id, days.day, s.rest_s, {greatest}(s.opens_s, s.rest_s) AS opens_s,
    {greatest}(s.closes_s, s.rest_s) AS closes_s
FROM days JOIN spans s ON s.site_id = days.site_id AND s.weekday = {weekday} AND s.valid_from <= days.day
    AND (s.valid_until IS NULL OR s.valid_until > days.day)
"""
COMPLETENESS = """
WITH seen AS (
    SELECT camera_id, day, sum(observed_open_s) AS observed_open_s, sum(observed_s) AS observed_s
    FROM hourly_observation GROUP BY camera_id, day
)
SELECT c.site, c.entrance, c.camera, o.day, o.rest_s + o.closes_s - o.opens_s AS open_s,
    coalesce(seen.observed_open_s, 0) AS observed_open_s, coalesce(seen.observed_s, 0) AS observed_s,
    CASE WHEN o.rest_s + o.closes_s - o.opens_s > 0 THEN {least}(1.0, coalesce(seen.observed_open_s, 0)
        / ({real} (o.rest_s + o.closes_s - o.opens_s))) END AS observed_share
FROM v_base_opening o JOIN cameras k ON k.id = o.camera_id JOIN v_cameras c ON c.camera = k.name
LEFT JOIN seen ON seen.camera_id = o.camera_id AND seen.day = o.day
"""
# One camera and hour; `line` is whether the camera saw anybody cross one on that day (db.reading.arrivals).
COUNTS = """
WITH lines AS (
    SELECT camera_id, day, max(CASE WHEN direction <> 'none' AND visits > 0 THEN 1 ELSE 0 END) AS line
    FROM hourly_totals GROUP BY camera_id, day
)
SELECT t.camera_id, t.day, t.hour_start, lines.line, sum(t.visits) AS visits,
    sum(CASE WHEN t.direction = 'in' OR lines.line = 0 THEN t.visits ELSE 0 END) AS came_in,
    sum(CASE WHEN t.direction = 'out' THEN t.visits ELSE 0 END) AS went_out,
    sum(CASE WHEN t.direction = 'none' THEN t.visits ELSE 0 END) AS unseen
FROM hourly_totals t JOIN lines ON lines.camera_id = t.camera_id AND lines.day = t.day
GROUP BY t.camera_id, t.day, t.hour_start, lines.line
"""
DAILY = """
WITH counts AS (
    SELECT k.name AS camera, b.day, max(b.line) AS line, CAST(sum(b.came_in) AS BIGINT) AS came_in,
        CAST(sum(b.went_out) AS BIGINT) AS went_out, CAST(sum(b.unseen) AS BIGINT) AS unseen,
        CAST(sum(b.visits) AS BIGINT) AS visits
    FROM v_base_counts b JOIN cameras k ON k.id = b.camera_id GROUP BY k.name, b.day
), days AS (SELECT camera, day FROM v_completeness UNION SELECT camera, day FROM counts)
SELECT c.site, c.entrance, c.camera, days.day, coalesce(n.came_in, 0) AS came_in, coalesce(n.went_out, 0) AS went_out,
    coalesce(n.unseen, 0) AS unseen, coalesce(n.visits, 0) AS visits, n.line AS crosses_a_line, w.observed_share
FROM days JOIN v_cameras c ON c.camera = days.camera
LEFT JOIN counts n ON n.camera = days.camera AND n.day = days.day
LEFT JOIN v_completeness w ON w.camera = days.camera AND w.day = days.day
"""
HOURLY = """
WITH hours AS (
    SELECT camera_id, day, hour_start FROM hourly_totals UNION SELECT camera_id, day, hour_start FROM hourly_observation
), placed AS (
    SELECT h.camera_id, h.day, h.hour_start, c.site, c.entrance, c.camera, z.offset_s, o.rest_s, o.opens_s, o.closes_s
    FROM hours h JOIN cameras k ON k.id = h.camera_id JOIN v_cameras c ON c.camera = k.name
    LEFT JOIN zone_offsets z ON z.time_zone = c.time_zone AND z.starts_at <= h.hour_start AND z.ends_at > h.hour_start
    LEFT JOIN v_base_opening o ON o.camera_id = h.camera_id AND o.day = h.day
), clocked AS (SELECT placed.*, {clock} AS hour, {local} AS hour_local, {clock_s} AS clock_s FROM placed),
opened AS (
    SELECT clocked.*, {greatest}(0, {least}(rest_s, clock_s + 3600) - clock_s)
        + {greatest}(0, {least}(closes_s, clock_s + 3600) - {greatest}(opens_s, clock_s)) AS open_s FROM clocked
)
SELECT p.site, p.entrance, p.camera, p.day, p.hour, p.hour_local, p.hour_start, coalesce(n.came_in, 0) AS came_in,
    coalesce(n.went_out, 0) AS went_out, coalesce(n.unseen, 0) AS unseen, coalesce(n.visits, 0) AS visits,
    n.line AS crosses_a_line, p.open_s, coalesce(w.observed_open_s, 0) AS observed_open_s,
    CASE WHEN p.open_s > 0 THEN {least}(1.0, coalesce(w.observed_open_s, 0) / ({real} p.open_s)) END AS observed_share
FROM opened p
LEFT JOIN v_base_counts n ON n.camera_id = p.camera_id AND n.day = p.day AND n.hour_start = p.hour_start
LEFT JOIN hourly_observation w ON w.camera_id = p.camera_id AND w.day = p.day AND w.hour_start = p.hour_start
"""
GROUPS = """
WITH lines AS (SELECT camera_id, day, max(line) AS line FROM v_base_counts GROUP BY camera_id, day)
SELECT c.site, c.entrance, c.camera, t.day, {hour} t.gender, t.age_group,
    sum(CASE WHEN t.direction = 'in' OR lines.line = 0 THEN t.visits ELSE 0 END) AS came_in,
    sum(CASE WHEN t.direction = 'out' THEN t.visits ELSE 0 END) AS went_out,
    sum(CASE WHEN t.direction = 'none' THEN t.visits ELSE 0 END) AS unseen, sum(t.visits) AS visits
FROM {table} t JOIN cameras k ON k.id = t.camera_id JOIN v_cameras c ON c.camera = k.name
JOIN lines ON lines.camera_id = t.camera_id AND lines.day = t.day
GROUP BY c.site, c.entrance, c.camera, t.day, {hour} t.gender, t.age_group
"""
UNIQUE = """
WITH parts AS (
    SELECT site_id, day, count(*) AS parts, max(low) AS low, max(high) AS high FROM register_parts
    WHERE arrivals > 0 GROUP BY site_id, day
), sums AS (
    SELECT c.site_id, f.day, sum(f.told) AS judged, sum(f.compared) AS compared, sum(f.staff_arrivals) AS staff,
        sum(f.first_sum) / ({real} 10000) AS people FROM daily_firsts f JOIN cameras c ON c.id = f.camera_id
    GROUP BY c.site_id, f.day
)
SELECT s.name AS site, parts.day, parts.parts, sums.judged, sums.compared, sums.staff,
    CASE WHEN parts.parts = 1 THEN sums.people END AS unique_visitors,
    CASE WHEN parts.parts = 1 THEN parts.low END AS unique_low,
    CASE WHEN parts.parts = 1 THEN parts.high END AS unique_high
FROM parts JOIN sums ON sums.site_id = parts.site_id AND sums.day = parts.day JOIN sites s ON s.id = parts.site_id
"""
UNIQUE_GROUPS = """
SELECT c.site, c.entrance, c.camera, f.day, f.gender, f.age_group, sum(f.told) AS judged,
    sum(f.staff_arrivals) AS staff, sum(f.first_sum) / ({real} 10000) AS unique_sum
FROM daily_firsts f JOIN cameras k ON k.id = f.camera_id JOIN v_cameras c ON c.camera = k.name
GROUP BY c.site, c.entrance, c.camera, f.day, f.gender, f.age_group
"""
REPORTS = """
SELECT s.name AS site, r.day, r.revision, r.replaces, r.reason, r.path, r.sha256, r.visits, r.observed_share,
    r.written_at,
    CASE WHEN r.revision = (SELECT max(n.revision) FROM daily_reports n WHERE n.site_id = r.site_id AND n.day = r.day)
        THEN 1 ELSE 0 END AS is_newest
FROM daily_reports r JOIN sites s ON s.id = r.site_id
"""
OUTAGES = """
SELECT c.site, c.entrance, c.camera, o.started_at, o.ended_at, o.reason
FROM outages o JOIN cameras k ON k.id = o.camera_id JOIN v_cameras c ON c.camera = k.name
"""
EVENTS = """
SELECT s.name AS site, e.starts_on, e.ends_on, e.name AS event, e.kind FROM events e JOIN sites s ON s.id = e.site_id
"""


def upgrade() -> None:
    """Apply the migration."""
    op.create_table(
        "zone_offsets",
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("offset_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("time_zone", "starts_at", name=op.f("pk_zone_offsets")),
    )
    connection = op.get_bind()
    for zone in connection.execute(sa.text("SELECT DISTINCT time_zone FROM sites")).scalars().all():
        keep_offsets(connection, zone)
    words = SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL
    for name, text in _views(words):
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {text}".replace("%", "%%" if words is POSTGRESQL else "%"))


def downgrade() -> None:
    """Take the migration back."""
    for name in NEWEST_FIRST:
        op.execute(f"DROP VIEW {name}")
    op.drop_table("zone_offsets")


def _views(words: dict[str, str]) -> list[tuple[str, str]]:
    at = words["seconds"]
    times = {
        "of_today": words["text_of_day"].format("weekday"),
        "of_yesterday": words["text_of_day"].format("(weekday + 6) % 7"),
        "t_opens": at.format("today", 1),
        "t_closes": at.format("today", 7),
        "y_opens": at.format("yesterday", 1),
        "y_closes": at.format("yesterday", 7),
    }
    said = words | times
    return [
        ("v_base_opening", OPENING.format(**said)),
        ("v_base_counts", COUNTS),
        ("v_cameras", CAMERAS),
        ("v_completeness", COMPLETENESS.format(**said)),
        ("v_daily", DAILY),
        ("v_hourly", HOURLY.format(**said)),
        ("v_groups_daily", GROUPS.format(table="daily_visits", hour="")),
        ("v_groups_hourly", GROUPS.format(table="hourly_visits", hour="t.hour_start,")),
        ("v_unique", UNIQUE.format(**said)),
        ("v_unique_groups", UNIQUE_GROUPS.format(**said)),
        ("v_reports", REPORTS),
        ("v_outages", OUTAGES),
        ("v_events", EVENTS),
    ]
