"""Commands as a user types them: footage in, report out, and one clear line for every mistake."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest

from tests.integration.app.cli.conftest import Outcome, RunCommand, Scene

README = Path(__file__).parents[4] / "README.md"
STARTED = ("--started-at", "2026-03-28T09:00", "--yes")


def is_one_clear_line(outcome: Outcome, *words: str) -> bool:
    lines = outcome.err.splitlines()
    return (
        outcome.code == 2
        and len(lines) == 1
        and lines[0].startswith("error: ")
        and all(word in lines[0] for word in words)
        and "Traceback" not in outcome.err
    )


def process(footfall: RunCommand, footage: Path, *more: str) -> dict[str, object]:
    outcome = footfall("process", footage, "--camera", "entrance", *STARTED, "--json", *more)
    assert outcome.code == 0, outcome.err
    return dict(json.loads(outcome.out)[0])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_footage_in_daily_report_out(footfall: RunCommand, scene: Scene, workplace: Path) -> None:
    result = process(footfall, scene.footage)
    assert result["frames"] == scene.truth.frames
    assert abs(int(str(result["visits"])) - len(scene.truth.people)) <= 1
    assert footfall("report", "--day", "2026-03-28").code == 0
    written = rows((workplace / "reports" / "demo_2026-03-28.csv").read_text(encoding="utf-8"))
    totals = {row["row"]: int(row["visits"]) for row in written if row["row"].endswith("total")}
    groups = sum(int(row["visits"]) for row in written if row["row"] == "group")
    assert totals["site total"] == totals["camera total"] == groups == result["visits"]
    assert {row["complete"] for row in written} == {"no"}


def test_processing_a_file_twice_or_under_another_name_changes_nothing(
    footfall: RunCommand, scene: Scene, workplace: Path, counted: dict[str, Any]
) -> None:
    before = footfall("report", "--day", "2026-03-28", "--out", "-").out
    copy = workplace / "copy of the scene.mp4"
    shutil.copyfile(scene.footage, copy)
    second = process(footfall, copy)
    assert (counted["replaced"], second["replaced"]) == (False, True)
    assert footfall("report", "--day", "2026-03-28", "--out", "-").out == before
    assert footfall("db", "verify", "--from", "2026-03-27", "--to", "2026-03-29").code == 0


def test_the_report_by_hour_says_when(footfall: RunCommand, counted: dict[str, Any]) -> None:
    hourly = rows(footfall("report", "--day", "2026-03-28", "--by", "hour", "--out", "-").out)
    nine = [row for row in hourly if row["row"] == "site total" and "09:00" in row["hour"]]
    assert [int(row["visits"]) for row in nine] == [counted["visits"]]


def test_a_report_is_of_the_kind_that_its_ending_says(
    footfall: RunCommand, workplace: Path, counted: dict[str, Any]
) -> None:
    for name in ("day.xlsx", "day.parquet"):
        assert footfall("report", "--day", "2026-03-28", "--out", name).code == 0
    for table in (pd.read_excel(workplace / "day.xlsx"), pd.read_parquet(workplace / "day.parquet")):
        assert list(table.loc[table["row"] == "site total", "visits"]) == [counted["visits"]]


def test_without_a_counting_line_the_summary_says_that_everybody_counts_as_coming_in(
    footfall: RunCommand, scene: Scene, workplace: Path
) -> None:
    settings = workplace / "footfall.toml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    settings.write_text("\n".join(line for line in lines if not line.startswith("line = ")), encoding="utf-8")
    outcome = footfall("process", scene.footage, "--camera", "entrance", *STARTED)
    assert "no counting line, so people going out are in the number" in outcome.out, outcome.err
    assert "0 in" not in outcome.out


def test_jobs_write_missing_days_and_say_when_nothing_is_due(
    footfall: RunCommand, workplace: Path, counted: dict[str, Any]
) -> None:
    assert "demo_2026-03-28.csv" in footfall("jobs", "--once").out
    assert (workplace / "reports" / "demo_2026-03-28.csv").exists()
    assert "no report is due" in footfall("jobs", "--once").out


def test_a_look_at_today_is_not_the_report_of_the_day(footfall: RunCommand, workplace: Path) -> None:
    outcome = footfall("report", "--day", "today")
    assert outcome.code == 0, outcome.err
    assert "the day is not over" in outcome.out.splitlines()[0]  # a path of any length breaks no line
    [so_far] = (workplace / "reports").glob("demo_*_so_far.csv")
    assert {row["reason"] for row in rows(so_far.read_text(encoding="utf-8"))} == {"the day is not over yet"}
    with sqlite3.connect(workplace / "footfall.db") as database:
        assert database.execute("SELECT count(*) FROM daily_reports").fetchone() == (0,)


def test_a_run_with_file_cameras_only_counts_them_once_and_ends(footfall: RunCommand, workplace: Path) -> None:
    assert footfall("run").code == 0
    again = footfall("run")
    assert again.code == 0
    assert "counted before" in again.err
    with sqlite3.connect(workplace / "footfall.db") as database:
        assert database.execute("SELECT count(*) FROM recordings").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM visits").fetchone() > (0,)


def test_cameras_check_says_how_large_the_faces_are(footfall: RunCommand, workplace: Path) -> None:
    outcome = footfall("cameras", "check", "--camera", "entrance", "--frames", "80", "--preview", "look.png", "--json")
    assert outcome.code == 0, outcome.err
    (row,) = json.loads(outcome.out)
    assert (row["width"], row["height"], row["fps"]) == (960, 540, 10.0)
    assert row["largest_px"] > 10
    assert 0 < row["counted"] <= row["followed"] and row["advice"]
    (short,) = json.loads(footfall("cameras", "check", "--frames", "30", "--json").out)
    assert 0 < short["followed"] < 5 and "--frames 90" in short["advice"], short
    assert (workplace / "look.png").stat().st_size > 0


def test_annotate_draws_every_frame(footfall: RunCommand, scene: Scene, workplace: Path) -> None:
    outcome = footfall("annotate", scene.footage, "--camera", "entrance", "--out", "seen.mp4")
    assert outcome.code == 0, outcome.err
    with av.open(str(workplace / "seen.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == scene.truth.frames


def test_annotate_never_replaces_the_footage(footfall: RunCommand, scene: Scene, workplace: Path) -> None:
    before = Path(scene.footage).read_bytes()
    (workplace / "link.mp4").symlink_to(scene.footage)
    for out in (scene.footage, "link.mp4"):
        refused = footfall("annotate", scene.footage, "--camera", "entrance", "--out", out)
        assert is_one_clear_line(refused, "would replace the footage")
    assert Path(scene.footage).read_bytes() == before


def test_the_demo_replaces_nobodys_settings_and_database(footfall: RunCommand, workplace: Path) -> None:
    assert footfall("db", "upgrade").code == 0
    before = {path.name: path.read_bytes() for path in workplace.glob("footfall.*")}
    assert len(before) >= 2
    assert is_one_clear_line(footfall("demo", "--out", "."), "of no demo", "--out")
    assert {name: (workplace / name).read_bytes() for name in before} == before


def test_a_users_own_networks_replace_the_built_in_ones(footfall: RunCommand, workplace: Path) -> None:
    from inference.manifest import BUILT_IN_DIRECTORY

    models = {"FOOTFALL_MODELS_DIR": str(workplace / "models")}
    assert footfall("models", "add", BUILT_IN_DIRECTORY / "detector.onnx", "--name", "mine", **models).code == 0
    assert footfall("models", "use", "mine", **models).code == 0
    assert footfall("models", "add", BUILT_IN_DIRECTORY / "embedding.onnx", "--name", "eyes", **models).code == 0
    assert footfall("models", "use", "eyes", **models).code == 0
    written = (workplace / "footfall.toml").read_text()
    assert '[detector]\nmodel = "mine"' in written and 'model = "eyes"' in written
    assert footfall("models", "verify", **models).code == 0
    listed = json.loads(footfall("models", "list", "--json", **models).out)
    assert {(row["name"], row["kind"]) for row in listed if row["in_use"]} == {
        ("mine", "detector"),
        ("built-in", "demographics"),
        ("eyes", "embedding"),
    }
    (workplace / "models" / "mine.onnx").write_bytes(b"damaged")
    assert is_one_clear_line(footfall("models", "verify", **models), "checksum", "mine.onnx")


def in_use(footfall: RunCommand) -> set[tuple[str, str]]:
    """Return name and kind of the networks that the settings choose."""
    listed = json.loads(footfall("models", "list", "--json").out)
    return {(row["name"], row["kind"]) for row in listed if row["in_use"]}


def test_what_a_company_may_sell_is_chosen_at_once_and_given_up_one_by_one(footfall: RunCommand) -> None:
    chosen = footfall("models", "use", "free")
    assert chosen.code == 0 and "[detector]" in chosen.out and "[attributes]" in chosen.out
    assert in_use(footfall) == {("free", "detector"), ("free", "demographics"), ("built-in", "embedding")}
    verified = footfall("models", "verify")
    assert verified.code == 0 and "in use: footfall-detector-free" in verified.out
    assert footfall("models", "use", "built-in", "--kind", "detector").code == 0
    assert ("built-in", "detector") in in_use(footfall) and ("free", "demographics") in in_use(footfall)
    assert is_one_clear_line(footfall("models", "use", "free", "--kind", "embedding"), "free", "embedding")


def test_init_writes_settings_that_can_be_read_and_keeps_what_is_there(footfall: RunCommand, workplace: Path) -> None:
    assert footfall("init", "new.toml").code == 0
    assert is_one_clear_line(footfall("init", "new.toml"), "new.toml", "--force")
    assert footfall("db", "upgrade", "--config", "new.toml").code == 0


def test_users_are_added_listed_and_removed(footfall: RunCommand, workplace: Path) -> None:
    secret = {"FOOTFALL_NEW_PASSWORD": "correct horse battery"}
    assert footfall("db", "upgrade").code == 0
    added = footfall("users", "add", "ann", "--role", "admin", **secret)
    assert added.code == 0
    assert f"added admin ann to {workplace / 'footfall.db'};" in added.out
    listed = footfall("users", "list", "--json")
    assert [(row["name"], row["role"]) for row in json.loads(listed.out)] == [("ann", "admin")]
    assert "correct horse" not in listed.out
    assert is_one_clear_line(footfall("users", "add", "ann", "--role", "viewer", **secret), "ann")
    assert is_one_clear_line(footfall("users", "add", "bob", "--role", "viewer"), "FOOTFALL_NEW_PASSWORD")
    assert "stays shut" in footfall("users", "remove", "ann").out
    assert "stays shut" in footfall("users", "list").out
    assert is_one_clear_line(footfall("users", "remove", "ann"), "ann")


def zero_length(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(20_000))


def audio_only(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("damage", [zero_length, garbage, audio_only])
def test_a_file_without_pictures_is_one_line_and_nothing_is_stored(
    footfall: RunCommand, workplace: Path, damage: object
) -> None:
    path = workplace / "bad.mp4"
    damage(path)  # type: ignore[operator]
    assert is_one_clear_line(footfall("process", path, "--camera", "entrance", *STARTED), "bad.mp4")
    with sqlite3.connect(workplace / "footfall.db") as database:
        for table in ("recordings", "visits", "camera_minutes"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("process", "absent.mp4", "--camera", "entrance"), ("absent.mp4", "no such file")),
        (("process", "{footage}", "--camera", "entrence"), ("entrence", "did you mean 'entrance'")),
        (("process", "{footage}", "--camera", "entrance", "--started-at", "2026-02-30T10:00"), ("2026-02-30",)),
        (("process", "{footage}", "--camera", "entrance", "--started-at", "2020-03-28T10:00"), ("days ago", "--yes")),
        (("process", "{footage}", "--camera", "entrance", "--started-at", "2999-01-01", "--yes"), ("in the future",)),
        (("report", "--day", "2026-02-30"), ("2026-02-30", "not a day")),
        (("report", "--day", "tomorow"), ("tomorow",)),
        (("report", "--day", "2026-03-28", "--site", "dmo"), ("dmo", "did you mean 'demo'")),
        (("db", "verify", "--from", "2026-03-29", "--to", "2026-03-28"), ("before",)),
        (("cameras", "check", "--preview", "x.png"), ("--camera",)),
        (("report", "--day", "2999-01-01"), ("has not begun", "up to today")),
        (("process", "absent.mp4", "--camera", "entrance"), ("absent.mp4", "check the path")),
        (("cameras", "check", "--config", "absent.toml"), ("absent.toml", "footfall init")),
        (("models", "use", "mine"), ("mine", "built-in")),
        (("run", "--camera", "entrence"), ("entrence", "did you mean 'entrance'")),
    ],
)
def test_a_mistake_is_one_clear_line(
    footfall: RunCommand, scene: Scene, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    outcome = footfall(*(argument.format(footage=scene.footage) for argument in arguments))
    assert is_one_clear_line(outcome, *words), (outcome.code, outcome.err, outcome.out)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgresql://postgres:hush@127.0.0.1:1/footfall", "127.0.0.1"),
        ("sqlite:////nowhere/at/all/footfall.db", "nowhere"),
        ("oracle://x", "sqlite:///"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_clear_line(footfall: RunCommand, url: str, word: str) -> None:
    outcome = footfall("report", "--day", "2026-03-28", FOOTFALL_DATABASE_URL=url)
    assert is_one_clear_line(outcome, word), outcome.err
    assert "hush" not in outcome.err


def test_a_typo_in_the_settings_is_named_with_the_nearest_key(footfall: RunCommand, workplace: Path) -> None:
    path = workplace / "typo.toml"
    path.write_text("[visits]\nmin_hit = 3\n")
    assert is_one_clear_line(footfall("report", "--day", "today", "--config", path), "min_hit", "'min_hits'")


def test_of_several_files_the_bad_one_is_named_and_the_others_are_counted(
    footfall: RunCommand, scene: Scene, workplace: Path
) -> None:
    garbage(workplace / "bad.mp4")
    outcome = footfall("process", scene.footage, "bad.mp4", "--camera", "entrance", *STARTED, "--json")
    assert outcome.code == 2
    assert "bad.mp4" in outcome.err
    assert len(json.loads(outcome.out)) == 1


def test_footage_whose_pixels_are_not_square_counts_the_same_people(
    footfall: RunCommand, scene: Scene, workplace: Path
) -> None:
    squeezed = workplace / "squeezed.mkv"
    with av.open(str(scene.footage)) as source, av.open(str(squeezed), "w") as target:
        stream = target.add_stream("libx264", rate=10, options={"preset": "ultrafast", "crf": "16"})
        stream.width, stream.height, stream.pix_fmt = 480, 540, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame.reformat(width=480, height=540)))
        target.mux(stream.encode(None))
    result = process(footfall, squeezed)
    assert abs(int(str(result["visits"])) - len(scene.truth.people)) <= 1
    assert int(str(result["in"])) + int(str(result["out"])) >= len(scene.truth.people) - 1


def test_a_recording_of_which_nobody_knows_when_it_began_is_refused(footfall: RunCommand, scene: Scene) -> None:
    outcome = footfall("process", scene.footage, "--camera", "entrance")
    assert is_one_clear_line(outcome, "does not say when", "--started-at", "started_at")


@pytest.mark.usefixtures("counted")
def test_other_footage_of_the_same_time_is_refused(footfall: RunCommand, scene: Scene, workplace: Path) -> None:
    other = workplace / "other.mp4"
    with av.open(str(scene.footage)) as source, av.open(str(other), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None and packet.pts is not None and packet.pts * packet.time_base < 4:
                packet.stream = stream
                target.mux(packet)
    assert is_one_clear_line(footfall("process", other, "--camera", "entrance", *STARTED), "twice", "--started-at")


def test_every_command_explains_itself_and_is_in_the_readme(footfall: RunCommand) -> None:
    text = README.read_text(encoding="utf-8")
    commands = commands_of(footfall("--help").out)
    assert {"process", "run", "report", "jobs", "demo", "dashboard", "cameras", "models", "db", "users"} <= commands
    missing = {command for command in commands if f"footfall {command}" not in text}
    assert not missing


def commands_of(help_text: str) -> set[str]:
    listed = help_text[help_text.index("Commands") :]
    return set(re.findall(r"^│ ([a-z]+)  ", listed, flags=re.MULTILINE))
