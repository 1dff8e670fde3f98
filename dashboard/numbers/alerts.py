"""What somebody was told to look after at a site, and when that was over."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dashboard.numbers.ground import ground
from dashboard.numbers.reading import Reader
from db.reading.alerts import alerts
from db.session import reading
from db.writing.alerts import Alert
from footfall.local_time import Interval, day_bounds


def alerts_of(
    reader: Reader, first_day: date, last_day: date, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Alert]:
    """Return the first `limit` alerts that touch these local days, oldest first, those behind `after` (since, uid).

    Raises:
        AccessDeniedError: the person may not see the site.
    """
    reader.person.require_site(reader.site.name)
    zone = reader.site.zone
    span = Interval(day_bounds(first_day, zone).start, day_bounds(last_day, zone).end)
    with reading(ground().engine) as connection:
        return alerts(connection, reader.site.name, span, limit, after)
