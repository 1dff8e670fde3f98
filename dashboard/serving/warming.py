"""Gets the first page ready while the server starts and the browser loads: its imports, and what it will ask for."""

from __future__ import annotations

import inspect
import logging
from datetime import timedelta
from functools import partial
from importlib import import_module
from threading import Thread

from dashboard.numbers.ground import ground

VIEWS = ("dashboard.views.all_sites", "dashboard.views.overview")

log = logging.getLogger(__name__)


def warm_up() -> Thread:
    """Start to prepare the first page in the background and return the thread; a fault is left to the page to say."""
    thread = Thread(target=_prepare, name="warm-up", daemon=True)
    thread.start()
    return thread


def _prepare() -> None:
    try:
        _load()
        _ask()
    except Exception:
        log.debug("the first page could not be prepared", exc_info=True)


def _load() -> None:
    """Import what takes long to load."""
    for name in ("streamlit.emojis", "scipy.special", "scipy.optimize", *VIEWS):
        import_module(name)
    inspect.stack()  # Streamlit asks once by whom it is run; the first answer looks at every module
    from dashboard.charts.drawn import spec_of
    from dashboard.charts.stays import stays_chart
    from dashboard.numbers.stays import stays_frame

    spec_of(partial(stays_chart, stays_frame([1.0])))  # the first chart reads the library's schemas


def _ask() -> None:
    """Ask what opens first asks, so that the answers are kept: All sites for several, and the first site's overview."""
    from dashboard.accounts.person import LOCAL_PERSON
    from dashboard.choose_day import usual_day
    from dashboard.metrics import day_history
    from dashboard.numbers.all_sites import all_sites
    from dashboard.numbers.audits import estimate_of
    from dashboard.numbers.comparison import compare_day
    from dashboard.numbers.gaps import gaps_of_day
    from dashboard.numbers.reading import Reader, visible_sites
    from dashboard.numbers.shares import range_shares

    sites = visible_sites(LOCAL_PERSON)
    if len(sites) > 1:
        all_sites(LOCAL_PERSON)
    for site in sites[:1]:
        reader, now = Reader(LOCAL_PERSON, site), ground().clock()
        day = usual_day(site)
        compared = compare_day(reader, day, now)
        gaps_of_day(reader, day, now)
        range_shares(reader, [day])
        day_history(reader, compared)
        estimate_of(reader, day)
        if compared.so_far:
            compare_day(reader, day - timedelta(days=1), now)
