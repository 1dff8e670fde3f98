"""The server starts without what takes long to load, and gets the first page ready in the background."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from sqlalchemy import Engine, create_engine, event

from dashboard.accounts.person import LOCAL_PERSON
from dashboard.choose_day import usual_day
from dashboard.metrics import day_history
from dashboard.numbers.all_sites import all_sites
from dashboard.numbers.comparison import compare_day
from dashboard.numbers.gaps import gaps_of_day
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.serving.warming import warm_up
from dashboard.serving.wiring import wire, wired
from tools.served import ROOT

SLOW = ("scipy.stats", "scipy.optimize", "alembic", "altair", "filterpy", "onnxruntime", "torch", "cv2")
LOADED = f"import sys, dashboard.serving.launch; print([name for name in {SLOW} if name in sys.modules])"


def test_the_server_starts_without_what_takes_long_to_load() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_first_page_finds_its_answers_ready(mall: Engine) -> None:
    warm_up().join()
    site = visible_sites(LOCAL_PERSON)[0]
    asked: list[str] = []
    event.listen(mall, "before_cursor_execute", lambda *arguments: asked.append(str(arguments[2])))
    reader, day, now = Reader(LOCAL_PERSON, site), usual_day(site), wired().clock()
    compared = compare_day(reader, day, now)
    assert len(all_sites(LOCAL_PERSON)) == 2  # opens first where there are several
    gaps_of_day(reader, day, now)
    day_history(reader, compared)
    assert compared.totals.visits
    assert [one for one in asked if one.startswith("SELECT")] == []


def test_a_fault_of_the_database_is_left_to_the_page(mall: Engine) -> None:
    wire(replace(wired(), engine=create_engine("sqlite:////nowhere/at/all.db")))
    warm_up().join()  # a fault in the thread would be an error here
