"""The statements with which PostgreSQL draws the days of a large chain (benchmarks/large_chain_data.py).

In braces stands what Python puts in. A person in ten is unknown, nine in twenty come in, as many go out.
"""

GENDERS = "(ARRAY['female','female','female','female','female','male','male','male','male','unknown'])"
AGES = (
    "(ARRAY['0-12','0-12','13-17','18-24','18-24','18-24','25-34','25-34','25-34','25-34','25-34','35-44','35-44',"
    "'35-44','45-54','45-54','55-64','55-64','65+','unknown'])"
)
WAYS = "(ARRAY[" + "'in'," * 9 + "'out'," * 9 + "'none','none'])"
MEAN_FIRST = 8300
FIRSTS = f"visits, visits, {MEAN_FIRST}::bigint * visits, 0, 0"
PART = "md5('part ' || site_id || ' ' || day)::uuid"
ISO = "to_char(hour_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') || '+00:00'"

# One day: its visits, what was judged of them, and every total, in one statement.
DAY = f"""
WITH drawn AS MATERIALIZED (
    SELECT gen_random_uuid() AS uid, camera_id, site_id, day, hour_start,
        hour_start + random() * 3590 * interval '1 second' AS entered_at,
        {WAYS}[1 + floor(random() * 20)::int] AS direction, {GENDERS}[1 + floor(random() * 10)::int] AS gender,
        {AGES}[1 + floor(random() * 20)::int] AS age_group
    FROM (
        SELECT c.id AS camera_id, c.site_id, date '{{day}}' AS day,
            (date '{{day}}' + interval '1 hour' * ({{opens}} + floor(random() * 12))) AT TIME ZONE 'UTC' AS hour_start
        FROM cameras c CROSS JOIN generate_series(1, ({{mean}} * (0.505 + mod(c.id * 37, 100) / 100.0)
            * CASE WHEN extract(isodow FROM date '{{day}}') IN (5, 6) THEN 1.25 ELSE 0.9 END)::int)
        OFFSET 0
    ) AS somebody
), stored AS (
    INSERT INTO visits (uid, camera_id, recording_id, entered_at, left_at, day, hour_start, direction, gender,
        age_group, age_years, p_female, samples, quality, model_version, age_shares)
    SELECT uid, camera_id, NULL, entered_at, entered_at + interval '5 seconds', day, hour_start, direction, gender,
        age_group, 30.0, 0.5, 4, 0.7, 'finder+benchmark', '12,30,108,350,300,120,50,30' FROM drawn ORDER BY entered_at
), judged AS (
    INSERT INTO visit_firsts (uid, camera_id, part, first, compared, staff)
    SELECT uid, camera_id, {PART}, {MEAN_FIRST}, true, false FROM drawn WHERE direction = 'in'
), parts AS (
    INSERT INTO register_parts (uid, site_id, day, origin, mode, began_at, seen_until, arrivals, compared, staff,
        "unique", low, high, returns_per_pair, stays, held, deleted, closed_at, model_version, withdrawn)
    SELECT {PART}, site_id, day, 'benchmark', 'clothes', min(hour_start), max(hour_start) + interval '1 hour',
        count(*), count(*), 0, 0.83 * count(*), 0.8 * count(*), 0.86 * count(*), 0.0001,
        (SELECT json_agg(1.5) FROM generate_series(1, {{buckets}})), 0, count(*),
        max(hour_start) + interval '1 hour', 'benchmark', false
    FROM drawn WHERE direction = 'in' GROUP BY site_id, day
), hourly AS (
    INSERT INTO hourly_visits (camera_id, day, hour_start, direction, gender, age_group, visits)
    SELECT camera_id, day, hour_start, direction, gender, age_group, count(*) FROM drawn
    GROUP BY camera_id, day, hour_start, direction, gender, age_group ORDER BY hour_start, camera_id RETURNING *
), daily AS (
    INSERT INTO daily_visits (camera_id, day, direction, gender, age_group, visits)
    SELECT camera_id, day, direction, gender, age_group, sum(visits) FROM hourly
    GROUP BY camera_id, day, direction, gender, age_group RETURNING *
), totals AS (
    INSERT INTO hourly_totals (camera_id, day, hour_start, direction, visits)
    SELECT camera_id, day, hour_start, direction, sum(visits) FROM hourly
    GROUP BY camera_id, day, hour_start, direction
), hourly_first AS (
    INSERT INTO hourly_firsts (camera_id, day, hour_start, direction, gender, age_group, told, compared, first_sum,
        staff_arrivals, staff_visits)
    SELECT camera_id, day, hour_start, direction, gender, age_group, {FIRSTS} FROM hourly WHERE direction = 'in'
), daily_first AS (
    INSERT INTO daily_firsts (camera_id, day, direction, gender, age_group, told, compared, first_sum, staff_arrivals,
        staff_visits)
    SELECT camera_id, day, direction, gender, age_group, {FIRSTS} FROM daily WHERE direction = 'in'
), cells AS (
    SELECT camera_id, day, hour_start, gender, age_group, sum(visits) AS visits FROM hourly
    GROUP BY camera_id, day, hour_start, gender, age_group
), seen_groups AS (SELECT DISTINCT camera_id, day, gender, age_group FROM cells
), seen_hours AS (SELECT DISTINCT camera_id, hour_start FROM cells
), lines AS (
    SELECT g.camera_id, g.day, h.hour_start, json_agg(coalesce(c.visits, 0) ORDER BY g.gender, g.age_group) AS visits
    FROM seen_groups g JOIN seen_hours h ON h.camera_id = g.camera_id
    LEFT JOIN cells c ON c.camera_id = g.camera_id AND c.hour_start = h.hour_start AND c.gender = g.gender
        AND c.age_group = g.age_group
    GROUP BY g.camera_id, g.day, h.hour_start
), titles AS (
    SELECT camera_id, json_agg(json_build_array(gender, age_group) ORDER BY gender, age_group) AS groups
    FROM seen_groups GROUP BY camera_id
)
INSERT INTO day_sheets (camera_id, day, counts)
SELECT l.camera_id, l.day, json_build_object('groups', (array_agg(t.groups))[1], 'hours',
    json_agg({ISO} ORDER BY hour_start), 'visits', json_agg(l.visits ORDER BY hour_start))
FROM lines l JOIN titles t ON t.camera_id = l.camera_id GROUP BY l.camera_id, l.day
"""

# A table's weeks from the one that was drawn: `w` says how many weeks earlier.
WEEKS = """INSERT INTO {table} SELECT {columns}
FROM generate_series(0, {weeks} - 1) w CROSS JOIN (SELECT * FROM drawn_week.{table} OFFSET 0) r"""
EARLIER = {
    "date": "{0} - 7 * w",
    "timestamp with time zone": "{0} - w * interval '7 days'",
    "uuid": "md5({0}::text || w)::uuid",
    "json": "replace({0}::text, day::text, (day - 7 * w)::text)::json",
}

OBSERVED = "36000, 36000, 0, 0, 900, 30, 0.2"
MINUTES_OF_DAY = """
WITH hours AS (
    SELECT c.id AS camera_id, (date '{day}' + interval '1 hour' * h) AT TIME ZONE 'UTC' AS hour_start
    FROM generate_series({opens}, {opens} + 11) h CROSS JOIN cameras c
)
INSERT INTO camera_minutes (camera_id, minute, run, recording_id, live_s, frames_seen, frames_processed,
    frames_dropped, frames_damaged, faces, faces_small, lag_s, picture)
SELECT camera_id, hour_start + m * interval '1 minute', md5('run ' || camera_id || ' {day}')::uuid, NULL, 60, 600,
    600, 0, 0, 15, 0, 0.2, 'ok'
FROM hours CROSS JOIN generate_series(0, 59) m ORDER BY hour_start, m, camera_id
"""
OBSERVED_HOURS = f"""INSERT INTO hourly_observation (camera_id, day, hour_start, observed_s, observed_open_s,
    frames_seen, frames_processed, frames_dropped, frames_damaged, faces, faces_small, lag_s, frozen)
SELECT c.id, d::date, (d::timestamp + interval '1 hour' * h) AT TIME ZONE 'UTC', 3600, 3600, {OBSERVED}, {{frozen}}
FROM generate_series(date '{{first}}', date '{{last}}', interval '1 day') d
CROSS JOIN generate_series({{opens}}, {{opens}} + 11) h CROSS JOIN cameras c
"""
UIDS = "INSERT INTO purged_visits (uid) SELECT gen_random_uuid() FROM generate_series(1, {count})"
OLDER_ESTIMATES = """
INSERT INTO share_estimates (site_id, day, entrance, dimension, version, small_cell, made_of, judged, visits, left_out,
    shares, basis, hours)
SELECT e.site_id, d::date, e.entrance, e.dimension, e.version, e.small_cell, e.made_of, e.judged, e.visits, e.left_out,
    e.shares, e.basis, replace(e.hours::text, e.day::text, d::date::text)::json
FROM share_estimates e CROSS JOIN generate_series(date '{first}', date '{day}', interval '1 day') d
WHERE e.site_id = {site} AND e.day = '{day}' AND d::date < '{day}'
"""
