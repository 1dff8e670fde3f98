"""Recordings as a user handles them: after an outage, copied too early, given to the wrong camera, taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.session import open_database
from db.store import Store
from tests.integration.app.cli.conftest import CAMERA, Outcome, RunCommand, Scene
from tests.integration.conftest import minute, visit

BEGIN = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
STARTED = ("--camera", CAMERA, "--started-at", BEGIN.isoformat(), "--yes")
DAYS = ("--from", "2026-03-27", "--to", "2026-03-29")


def one_line(outcome: Outcome) -> str:
    """Return the one line that a refused command printed."""
    assert outcome.code == 2
    [line] = outcome.err.strip().splitlines()
    return line


def watched_live(workplace: Path, footfall: RunCommand, moments: list[datetime]) -> None:
    """Store live minutes with a visit each, as a running program would have."""
    assert footfall("db", "upgrade").code == 0
    assert footfall("recordings", "list").code == 0  # writes the configured camera into the database
    engine = open_database(f"sqlite:///{workplace / 'footfall.db'}")
    store = Store(engine)
    store.save_visits([visit(n, moment + timedelta(seconds=30), CAMERA) for n, moment in enumerate(moments)])
    store.save_minutes([minute(moment, CAMERA) for moment in moments])
    engine.dispose()


def total(footfall: RunCommand) -> int:
    """Return the visits of the day's report, after making sure that the totals follow from the rows."""
    assert footfall("db", "verify", *DAYS).code == 0
    report = footfall("report", "--day", "2026-03-28", "--out", "-").out
    # A day of which no camera was expected to see anything, and none did, has no row.
    return sum(int(line.split(",")[7]) for line in report.splitlines() if line.startswith("site total"))


def test_footage_of_hours_that_were_watched_live_is_refused_and_nothing_is_decoded(
    footfall: RunCommand, scene: Scene, workplace: Path
) -> None:
    watched_live(workplace, footfall, [BEGIN])
    refused = one_line(footfall("process", scene.footage, *STARTED))
    assert all(word in refused for word in ("scene.mp4", "live stream", "twice", "--fill-gaps", "--started-at"))
    assert total(footfall) == 1
    filled = footfall("process", scene.footage, *STARTED, "--fill-gaps")
    assert filled.code == 0, filled.err
    assert "nothing taken: all of its time was counted before" in filled.out
    assert total(footfall) == 1


def test_an_outage_is_filled_and_the_summary_says_what_was_left_out(
    footfall: RunCommand, scene: Scene, workplace: Path
) -> None:
    begin = BEGIN + timedelta(seconds=55)  # five seconds of a minute that was watched live
    watched_live(workplace, footfall, [BEGIN])
    started = ("--camera", CAMERA, "--started-at", begin.isoformat(), "--fill-gaps", "--yes")
    filled = footfall("process", scene.footage, *started)
    assert filled.code == 0, filled.err
    assert "took 09:01:00 to 09:01:" in filled.out
    assert "left out as counted before: minutes 1, visits " in filled.out
    [row] = json.loads(footfall("process", scene.footage, *started, "--json").out)
    assert (row["minutes_left_out"], row["replaced"], row["cut"]) == (1, True, False)
    assert row["taken"][0]["from"] == "2026-03-28 09:01:00+00:00"
    assert total(footfall) == 1 + row["visits"]


def test_who_counts_an_archive_is_told_what_retention_will_take_from_it(footfall: RunCommand, scene: Scene) -> None:
    told = "next `footfall jobs` deletes its single visits"
    old = footfall("process", scene.footage, *STARTED)
    assert told in " ".join(old.out.split())
    yesterday = datetime.now(UTC) - timedelta(days=1)
    new = footfall("process", scene.footage, "--camera", CAMERA, "--started-at", yesterday.isoformat(), "--yes")
    assert new.code == 0 and told not in " ".join(new.out.split())


def test_recordings_are_listed_and_removed(footfall: RunCommand, counted: dict[str, Any]) -> None:
    [listed] = json.loads(footfall("recordings", "list", "--camera", CAMERA, "--json").out)
    assert (listed["camera"], listed["name"], listed["visits"]) == (CAMERA, "scene.mp4", counted["visits"])
    assert "scene.mp4" in footfall("recordings", "list").out
    number = str(listed["number"])
    assert "--yes" in one_line(footfall("recordings", "remove", number))
    assert "recordings list" in one_line(footfall("recordings", "remove", "77", "--yes"))
    removed = footfall("recordings", "remove", number, "--yes")
    assert removed.code == 0, removed.err
    assert f"removed scene.mp4 of camera {CAMERA}" in removed.out.replace("\n", " ")
    assert f"visits {counted['visits']}," in removed.out.replace("\n", " ")
    assert total(footfall) == 0
    assert json.loads(footfall("recordings", "list", "--json").out) == []


def test_a_file_that_breaks_off_is_counted_and_said(footfall: RunCommand, scene: Scene, workplace: Path) -> None:
    import av

    whole, cut = workplace / "whole.ts", workplace / "cut.ts"
    with av.open(str(scene.footage)) as source, av.open(str(whole), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    cut.write_bytes(whole.read_bytes()[: 188 * (whole.stat().st_size // 376) + 7])
    first = footfall("process", cut, *STARTED)
    assert first.code == 0, first.err
    assert "the file breaks off" in first.out
    second = footfall("process", whole, *STARTED)
    assert "replaces an earlier run of the same footage" in second.out
    [listed] = json.loads(footfall("recordings", "list", "--json").out)
    assert (listed["name"], listed["visits"]) == ("whole.ts", total(footfall))


def test_the_same_file_twice_in_one_call_is_refused(footfall: RunCommand, scene: Scene) -> None:
    outcome = footfall("process", scene.footage, scene.footage, *STARTED, "--json")
    assert "the same footage as" in one_line(outcome)
    assert len(json.loads(outcome.out)) == 1
    assert total(footfall) == json.loads(outcome.out)[0]["visits"]


def test_visitors_who_are_compared_are_told_beside_the_visits(footfall: RunCommand, scene: Scene) -> None:
    compared = {"FOOTFALL_REID__MODE": "clothes"}
    outcome = footfall("process", scene.footage, *STARTED, **compared)
    assert outcome.code == 0, outcome.err
    assert f"{BEGIN:%Y-%m-%d} demo:" in outcome.out
    assert "came in" in outcome.out
    [again] = json.loads(footfall("process", scene.footage, *STARTED, "--json", **compared).out)
    [day] = again["unique"]
    assert (day["site"], day["day"], day["arrivals"]) == ("demo", f"{BEGIN:%Y-%m-%d}", again["in"])
    if day["low"] is None:
        assert day["unique"] is None
    else:
        assert 0 < day["low"] <= day["unique"] <= day["high"] <= day["arrivals"]
    assert again["visits"] >= day["templates_deleted"] >= day["compared"] > 0, "who goes out has a template as well"


def test_several_cameras_are_given_one_for_each_video(footfall: RunCommand, scene: Scene) -> None:
    outcome = footfall("process", scene.footage, scene.footage, "a.mp4", "--camera", CAMERA, "--camera", "side")
    assert outcome.code == 2
    assert "2 names for 3 videos" in outcome.err
