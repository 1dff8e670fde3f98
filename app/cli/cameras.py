"""`footfall cameras`: does every camera answer, how large are its faces, and until when is it to watch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer
from rich.table import Table
from rich.text import Text

from app.cli import camera_periods
from app.cli.output import ConfigOption, JsonOption, console, hidden, print_json, settings
from footfall.config import Config
from footfall.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from ingest.sources.probe import CameraView

FEW_PEOPLE = 5

app = typer.Typer(help="Look after the cameras.", no_args_is_help=True)
app.command("list")(camera_periods.list_cameras)
app.command()(camera_periods.retire)
app.command()(camera_periods.resume)


@app.command()
def check(
    config: ConfigOption = None,
    camera: Annotated[str, typer.Option("--camera", help="Only this one.")] = "",
    frames: Annotated[int, typer.Option("--frames", min=1, max=1000, help="How many frames to look at.")] = 100,
    preview: Annotated[
        Path | None, typer.Option("--preview", help="Write one picture: line, areas, faces; needs --camera.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Count every camera for a moment: its picture, its faces, and who of the people seen would be counted."""
    from footfall.logs import log_as_set

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
        _print_rows(rows)
    if any(row["error"] for row in rows):
        raise typer.Exit(2)


def _look(config: Config, name: str, frames: int, preview: Path | None) -> dict[str, Any]:
    from app.compose import Run, build_pipeline, load_networks
    from ingest.sources.kinds import open_source
    from ingest.sources.probe import look_through, write_preview
    from ingest.sources.timeline import utc_now

    camera = config.camera(name)
    networks = load_networks(config, camera)
    try:
        source = open_source(name, camera, utc_now())  # its times are shown nowhere
        try:
            pipeline = build_pipeline(config, camera, networks, Run(name, uuid4(), source.size))
            view = look_through(source, pipeline, config.detector.min_score, frames)
        finally:
            source.close()
    except SourceError as error:
        return {"camera": name, "error": hidden(str(error))}
    if preview is not None:
        write_preview(view, camera, preview)
    return {"camera": name, "error": "", **_numbers(view), "advice": _advice(view, config) + _doubt(view)}


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
        "followed": view.followed,
        "counted": view.counted,
        "sure_faces": rounded(view.sure_faces),
        "nearest_px": rounded(view.nearest_px),
    }


def _advice(view: CameraView, config: Config) -> str:
    """Say what to change, "good" only of a camera that counts and judges whom it counts."""
    gender_px, age_px = config.attributes.gender_min_face_px, config.attributes.age_min_face_px
    if view.median_px is None or view.nearest_px is None:
        return "no face seen: look again while somebody walks in"
    if not view.counted:
        if view.nearest_px < gender_px:
            return "nobody would be counted, faces are too small: nearer, or a longer lens"
        return "nobody would be counted, faces are not clear enough: more light, or look people in the face"
    if view.nearest_px < gender_px:
        return "counts, but faces are too small to judge: nearer, or a longer lens"
    if view.nearest_px < age_px:
        return "counts and judges gender, age seldom: nearer is better"
    if 2 * view.counted < view.followed:
        return "loses more than half of the people it sees: nearer, more light, or look people in the face"
    return "good"


def _doubt(view: CameraView) -> str:
    """Say when few were seen: somebody who has just come into view is still far away."""
    if not 0 < view.followed < FEW_PEOPLE:
        return ""
    return f" (only {view.followed} seen; look longer with --frames {3 * view.frames})"


def _print_rows(rows: list[dict[str, Any]]) -> None:
    """Print the numbers as a table and below it a line for each camera, which is too long for a column."""
    seen = [row for row in rows if not row["error"]]
    table = Table("camera", "picture", "face px", "counted", "sure faces")
    for row in seen:
        sizes = "/".join(_number(row[key]) for key in ("smallest_px", "median_px", "largest_px"))
        picture = f"{row['width']}x{row['height']}, {row['fps']:.0f}/s"
        people = f"{row['counted']} of {row['followed']}"
        table.add_row(Text(row["camera"]), picture, sizes, people, _number(row["sure_faces"]))
    if seen:
        console.print(table)
        console.print("face px: smallest/median/largest; sure faces: of one person, median", style="dim")
    for row in rows:
        told = Text(row["error"], style="red") if row["error"] else Text(row["advice"])
        console.print(Text(f"{row['camera']}: ") + told)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
