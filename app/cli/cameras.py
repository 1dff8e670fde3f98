"""`footfall cameras`: does every camera answer, how large are its faces, and until when is it to watch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from app.cli import camera_periods
from app.cli.output import ConfigOption, JsonOption, console, hidden, print_json, settings
from footfall.config import Config
from footfall.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from ingest.sources.probe import CameraView

app = typer.Typer(help="Look after the cameras.", no_args_is_help=True)
app.command("list")(camera_periods.list_cameras)
app.command()(camera_periods.retire)
app.command()(camera_periods.resume)


@app.command()
def check(
    config: ConfigOption = None,
    camera: Annotated[str, typer.Option("--camera", help="Only this one.")] = "",
    frames: Annotated[int, typer.Option("--frames", min=1, max=1000, help="How many frames to look at.")] = 20,
    preview: Annotated[
        Path | None, typer.Option("--preview", help="Write one picture with the faces boxed; needs --camera.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Open every source and say its size, frames/s, how many faces it shows and how large they are."""
    from ingest.live.log_setup import log_as_set

    chosen = settings(config)
    log_as_set(chosen)
    names = [camera] if camera else [name for name, part in chosen.cameras.items() if part.enabled]
    if not names:
        raise ConfigError("there is no camera in the settings; `footfall init` writes an example of one")
    if preview is not None and not camera:
        raise ConfigError("--preview writes one picture: say of which camera with --camera NAME")
    rows = [_look(chosen, name, frames, preview) for name in names]
    if as_json:
        print_json(rows)
    else:
        _print_table(rows, chosen)
    if any(row["error"] for row in rows):
        raise typer.Exit(2)


def _look(config: Config, name: str, frames: int, preview: Path | None) -> dict[str, Any]:
    from inference import load_detector
    from ingest.sources.kinds import open_source
    from ingest.sources.probe import look_through, write_preview
    from ingest.sources.timeline import utc_now

    camera = config.camera(name)
    detector = load_detector(
        config.detector.model, working_size=camera.working_size, min_score=config.detector.weak_score
    )
    try:
        source = open_source(name, camera, utc_now())  # its times are shown nowhere
        try:
            view = look_through(source, detector, config.detector.min_score, frames)
        finally:
            source.close()
    except SourceError as error:
        return {"camera": name, "error": hidden(str(error))}
    if preview is not None:
        write_preview(view, preview)
    return {"camera": name, "error": "", **_numbers(view), "advice": _advice(view, config)}


def _numbers(view: CameraView) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 1)

    return {
        "width": view.size[0],
        "height": view.size[1],
        "fps": rounded(view.fps),
        "frames": view.frames,
        "faces_per_frame": rounded(view.faces_per_frame),
        "smallest_px": rounded(view.smallest_px),
        "median_px": rounded(view.median_px),
        "largest_px": rounded(view.largest_px),
    }


def _advice(view: CameraView, config: Config) -> str:
    if view.median_px is None:
        return "no face seen: look again while somebody walks in"
    if view.median_px < config.attributes.gender_min_face_px:
        return "faces too small to judge: nearer, or a longer lens"
    if view.median_px < config.attributes.age_min_face_px:
        return "gender can be judged, age seldom: nearer is better"
    return "good"


def _print_table(rows: list[dict[str, Any]], config: Config) -> None:
    table = Table("camera", "entrance", "size", "fps", "faces a frame", "face px (min/median/max)", "")
    for row in rows:
        name, entrance = row["camera"], config.cameras[row["camera"]].entrance
        if row["error"]:
            table.add_row(name, entrance, "", "", "", "", f"[red]{row['error'].replace('[', chr(92) + '[')}[/red]")
            continue
        sizes = "/".join("–" if row[k] is None else f"{row[k]:.0f}" for k in ("smallest_px", "median_px", "largest_px"))
        size = f"{row['width']}x{row['height']}"
        table.add_row(name, entrance, size, f"{row['fps']:.0f}", f"{row['faces_per_frame']:.1f}", sizes, row["advice"])
    console.print(table)
