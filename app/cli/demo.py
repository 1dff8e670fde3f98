"""`footfall demo`: the whole program on a rendered scene whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from app.cli.counted import print_unique
from app.cli.output import console, problems
from footfall.config import Config, load_config
from footfall.errors import ConfigError
from footfall.types import Direction
from reid.types import RegisterPart

if TYPE_CHECKING:
    from app.demo.comparison import ComparedRow
    from app.demo.entrances import FilmedEntrance
    from app.demo.scene import SceneOptions, SceneTruth
    from app.recordings import CountedRecording

OF_A_DEMO = "entrance-truth.json"
"""Every demo leaves it; what else lies in a folder without it is somebody's own."""


def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where everything goes.")] = Path("demo-output"),
    people: Annotated[
        int, typer.Option("--people", min=1, help="Visitors at the main entrance; half as many at the side entrance.")
    ] = 24,
    people_per_minute: Annotated[float, typer.Option("--per-minute", help="How densely they come.")] = 40.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed is another scene.")] = 1,
    serve: Annotated[
        bool, typer.Option("--serve", help="Open the dashboard on a month of simulated history, and stay.")
    ] = False,
) -> None:
    """Render two entrances of a mall, count them, write the daily CSV, and show the truth beside what was counted."""
    from app.demo.scene import SceneOptions

    folder.mkdir(parents=True, exist_ok=True)
    if serve:
        _serve(folder)
        return
    counted, config = _count_mall(folder, SceneOptions(seed=seed, people=people, people_per_minute=people_per_minute))
    _print_report(config, counted[0])
    console.print(f"\nfootage with boxes:  footfall annotate {counted[0].video} --config {folder / 'footfall.toml'} "
                  f"--camera entrance --out {folder / 'annotated.mp4'}")  # fmt: skip
    console.print(f"this day's dashboard: footfall dashboard --config {folder / 'footfall.toml'}")
    console.print("a month's dashboard:  footfall demo --serve   (simulated history, http://127.0.0.1:8501)")


def _count_mall(folder: Path, options: SceneOptions) -> tuple[list[CountedRecording], Config]:
    """Render both entrances, count them and print truth beside count."""
    from app.demo.comparison import compare
    from app.demo.entrances import mall_settings, two_entrances

    settings = folder / "footfall.toml"
    kept = [path for path in (settings, *folder.glob("footfall.db*")) if path.exists()]
    if kept and not (folder / OF_A_DEMO).exists():
        raise ConfigError(f"{kept[0]} is there and of no demo; choose another folder with --out")
    entrances = two_entrances(folder, options)
    truths = [_render(entrance) for entrance in entrances]
    settings.write_text(mall_settings(folder, entrances, truths), encoding="utf-8")
    for old in folder.glob("footfall.db*"):  # of an earlier demo, perhaps of an earlier version
        old.unlink()
    config = load_config(settings)
    with problems.status("counting"):
        counted, parts = _count(config, entrances)
    visits = [visit for recording in counted for visit in recording.visits]
    _print_comparison(compare(truths, visits, config.report.age_group_starts), counted)
    _print_unique(truths, parts)
    return counted, config


def _render(entrance: FilmedEntrance) -> SceneTruth:
    began = perf_counter()
    with problems.status(f"rendering {entrance.options.people} people walking through the {entrance.label.lower()}"):
        truth = entrance.render()
    took_s = perf_counter() - began
    console.print(f"rendered {entrance.footage}: {truth.duration_s:.0f} s, {truth.frames} frames in {took_s:.0f} s")
    return truth


def _count(
    config: Config, entrances: Sequence[FilmedEntrance]
) -> tuple[list[CountedRecording], tuple[RegisterPart, ...]]:
    from app.compose import load_networks
    from app.opening import open_store
    from app.recordings import RecordingCounter
    from app.registers import RECORDINGS, Registers, store_recorded, utc_now

    networks, store = load_networks(config, config.camera(entrances[0].camera_id)), open_store(config)
    registers = Registers(config, RECORDINGS)
    counters = [RecordingCounter(config, one.camera_id, networks, store, registers) for one in entrances]
    counted = [counter.count(one.footage, one.begins_at) for counter, one in zip(counters, entrances, strict=True)]
    return counted, store_recorded(registers, store, utc_now())


def _print_comparison(rows: list[ComparedRow], counted: Sequence[CountedRecording]) -> None:
    table = Table("", "truth", "counted", title="truth beside count")
    table.columns[1].justify = table.columns[2].justify = "right"
    for row in rows:
        if row.truth or row.counted:
            table.add_row(row.name, str(row.truth), str(row.counted))
    console.print(table)
    seconds, frames = sum(one.elapsed_s for one in counted), sum(one.frames for one in counted)
    console.print(f"counted {frames} frames in {seconds:.1f} s: {frames / seconds:.0f} frames/s")


def _print_unique(truths: Sequence[SceneTruth], parts: Sequence[RegisterPart]) -> None:
    from app.demo.scene import people_who_came_in

    entries = sum(person.direction is Direction.IN for truth in truths for person in truth.people)
    console.print(f"in truth {entries} times somebody came in, {people_who_came_in(truths)} different people; counted:")
    print_unique(parts)


def _print_report(config: Config, counted: CountedRecording) -> None:
    from app.opening import open_engine
    from reports.writer import ReportWriter

    outcome = ReportWriter(open_engine(config), config.report, reid=config.reid).write(
        next(iter(config.sites)), counted.started_at.date()
    )
    lines = Path(outcome.report.path).read_text(encoding="utf-8-sig").splitlines()
    console.print(f"\nwrote {outcome.report.path}, {len(lines) - 1} rows; its first ones:")
    for line in lines[:6]:
        console.print(f"  {line}", style="dim", soft_wrap=True)


def _serve(folder: Path) -> None:
    from app.demo.month import write_month
    from dashboard.serving.launch import run

    database = folder / f"month-{datetime.now(UTC):%Y-%m-%d}.db"
    url = f"sqlite:///{database.absolute()}"
    with problems.status("simulating a month of history, about a minute") as status:

        def tell(day: object) -> None:
            status.update(f"simulating a month of history: {day}")

        config = write_month(url, datetime.now(UTC) - timedelta(minutes=1), on_day=tell)
    console.print(f"simulated history in {database}; the dashboard opens on http://127.0.0.1:8501, Ctrl+C ends it")
    run(None, config)
