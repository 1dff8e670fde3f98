"""`footfall demo`: the whole program on a rendered scene whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from app.cli.counted import print_unique
from app.cli.output import console, problems
from footfall.config import Config, load_config

if TYPE_CHECKING:
    from app.demo.comparison import ComparedRow
    from app.demo.scene import SceneOptions
    from app.recordings import CountedRecording

CAMERA = "entrance"


def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where everything goes.")] = Path("demo-output"),
    people: Annotated[int, typer.Option("--people", min=1, help="Visitors in the scene.")] = 24,
    people_per_minute: Annotated[float, typer.Option("--per-minute", help="How densely they come.")] = 40.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed is another scene.")] = 1,
    serve: Annotated[
        bool, typer.Option("--serve", help="Open the dashboard on a month of simulated history, and stay.")
    ] = False,
) -> None:
    """Render a mall entrance, count it, write the daily CSV, and show the truth beside what was counted."""
    from app.demo.scene import SceneOptions

    folder.mkdir(parents=True, exist_ok=True)
    if serve:
        _serve(folder)
        return
    options = SceneOptions(seed=seed, people=people, people_per_minute=people_per_minute)
    rows, counted, config = _count_scene(folder, options)
    _print_comparison(rows, counted)
    _print_report(config, counted)
    console.print(f"\nfootage with boxes:  footfall annotate {counted.video} --config {folder / 'footfall.toml'} "
                  f"--camera {CAMERA} --out {folder / 'annotated.mp4'}")  # fmt: skip
    console.print(f"this day's dashboard: footfall dashboard --config {folder / 'footfall.toml'}")
    console.print("a month's dashboard:  footfall demo --serve   (simulated history, http://127.0.0.1:8501)")


def _count_scene(folder: Path, options: SceneOptions) -> tuple[list[ComparedRow], CountedRecording, Config]:
    from app.compose import load_networks, open_store
    from app.demo.comparison import compare
    from app.demo.scene import render, settings_text
    from app.demo.settings import BEGINS_AT
    from app.recordings import RecordingCounter
    from app.registers import RECORDINGS, Registers, store_recorded, utc_now

    footage = folder / "scene.mp4"
    began = perf_counter()
    with problems.status(f"rendering {options.people} people walking through an entrance"):
        truth = render(options, footage)
    console.print(
        f"rendered {footage}: {truth.duration_s:.0f} s, {truth.frames} frames in {perf_counter() - began:.0f} s"
    )
    truth.save(folder / "truth.json")
    settings = folder / "footfall.toml"
    text = (
        f'database_url = "sqlite:///{(folder / "footfall.db").absolute()}"\n\n{settings_text(truth, footage, CAMERA)}'
    )
    settings.write_text(f'{text}\n[report]\ndirectory = "{(folder / "reports").absolute()}"\n', encoding="utf-8")
    for old in folder.glob("footfall.db*"):  # of an earlier demo, perhaps of an earlier version
        old.unlink()
    config = load_config(settings)
    store, registers = open_store(config), Registers(config, RECORDINGS)
    counter = RecordingCounter(config, CAMERA, load_networks(config, config.camera(CAMERA)), store, registers)
    with problems.status("counting"):
        counted = counter.count(footage, BEGINS_AT)
        parts = store_recorded(registers, store, utc_now())
    print_unique(parts)
    return compare(truth, counted.visits, config.report.age_group_starts), counted, config


def _print_comparison(rows: list[ComparedRow], counted: CountedRecording) -> None:
    table = Table("", "truth", "counted", title="truth beside count")
    table.columns[1].justify = table.columns[2].justify = "right"
    for row in rows:
        if row.truth or row.counted:
            table.add_row(row.name, str(row.truth), str(row.counted))
    console.print(table)
    seconds = counted.elapsed_s
    console.print(f"counted {counted.frames} frames in {seconds:.1f} s: {counted.frames / seconds:.0f} frames/s")


def _print_report(config: Config, counted: CountedRecording) -> None:
    from app.compose import open_engine
    from reports.writer import ReportWriter

    outcome = ReportWriter(open_engine(config), config.report).write(
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
