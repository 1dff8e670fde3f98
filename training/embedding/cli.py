"""`python -m training embedding ...`: prepare, train, export, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from footfall.errors import DataError
from inference.manifest import packaged_model, record_built_in, resolve_model
from training.data.archive import data_directory
from training.demographics.judges import milliseconds_a_face
from training.demographics.prepare import default_landmark_model
from training.detector.decode import OnnxFaces
from training.dlib_network import load_dlib
from training.embedding.config import BUILT_IN, read_config
from training.embedding.export import export, load_run
from training.embedding.judges import Judge, MobileFaceJudge, ProgramJudge, TeacherJudge
from training.embedding.landmarks import landmark_table
from training.embedding.photographs import held_back_faces
from training.embedding.prepare import SETS, prepare, read_taught
from training.embedding.report import Material, evaluation_report
from training.embedding.train import train
from training.start_up import set_up

CACHE = Path(".cache/embedding")
RUN = Path(".cache/runs/embedding")
SHIPPED = packaged_model("embedding")


def default_peer() -> Path:
    """Return where MobileFace lies beside the data sets."""
    return data_directory().parent / "models" / "mobileface_teacher.onnx"


app = typer.Typer(help="The built-in embedding network: who came again today.", no_args_is_help=True)
Threads = Annotated[int, typer.Option(help="Processor threads; one leaves the other core to somebody else.")]
ConfigFile = Annotated[Path, typer.Option("--config", help="TOML with the settings of the run.")]
CacheFolder = Annotated[Path, typer.Option(help="Folder of the caches that `prepare` writes.")]
RunFolder = Annotated[Path, typer.Option(help="Folder of the run's checkpoint and metrics.")]


@app.command("prepare")
def prepare_command(
    sets: Annotated[list[str] | None, typer.Argument(help=f"Data sets, of {', '.join(SETS)}; default all.")] = None,
    cache: CacheFolder = CACHE,
    landmark_model: Annotated[Path | None, typer.Option(help="Detector that frames faces; default YuNet.")] = None,
) -> None:
    """Find, align and cache the faces of each set and what the teacher says of them, once (half an hour for all)."""
    set_up(1)
    detector, teacher = OnnxFaces(landmark_model or default_landmark_model()), load_dlib()
    for name in sets or SETS:
        typer.echo(f"{name}: {len(prepare(name, cache, detector, teacher).faces)} faces")


@app.command("train")
def train_command(
    config: ConfigFile = BUILT_IN,
    cache: CacheFolder = CACHE,
    run: RunFolder = RUN,
    start: Annotated[
        Path | None, typer.Option(help="Demographics export whose trunk to begin with; default the built-in one.")
    ] = None,
    threads: Threads = 1,
) -> None:
    """Prepare what is missing, train (resumed from the last checkpoint)."""
    set_up(threads)
    settings = read_config(config)
    missing = [name for name in settings.sets if not (cache / f"{name}.teacher.npy").exists()]
    if missing:
        prepare_command(missing, cache)
    sets = [read_taught(name, cache) for name in settings.sets]
    begin = start or packaged_model("demographics")
    train(settings, sets, run, start=begin if settings.start_blocks else None)
    command = f"export --config {config} --run {run} --version VERSION"
    typer.echo(f"trained; `python -m training embedding {command}` writes the model")


@app.command("export")
def export_command(
    version: Annotated[str, typer.Option(help="Version for the metadata, like 1.0.")],
    config: ConfigFile = BUILT_IN,
    run: RunFolder = RUN,
    target: Annotated[Path, typer.Option(help="ONNX file to write.")] = SHIPPED,
) -> None:
    """Write the averaged network of the run; the package's own is recorded in its manifest with its self-check."""
    set_up(1)
    settings = read_config(config)
    finished = load_run(run, settings)
    export(finished, settings, version, target)
    typer.echo(f"{target}: version {version} after {finished.epochs} epochs, {finished.size_px} px")
    if target.resolve() == SHIPPED:
        record_built_in("embedding")


@app.command("evaluate")
def evaluate_command(
    models: Annotated[list[Path] | None, typer.Argument(help="ONNX files; default the built-in one.")] = None,
    detector: Annotated[str, typer.Option(help="What finds faces: built-in, or a file; default YuNet.")] = "",
    most: Annotated[int, typer.Option(help="Faces of each set at most.")] = 2000,
) -> None:
    """Print the tables of the model card for people no training saw, beside the networks of others that are there."""
    set_up(1)
    timed = [ProgramJudge(path) for path in models or [SHIPPED]]
    judges: list[Judge] = list(timed)
    peer = default_peer()
    opponents = [MobileFaceJudge(peer)] if peer.exists() else []
    judges += opponents
    try:
        judges.append(TeacherJudge())
    except DataError as error:
        typer.echo(f"without dlib's network: {error}", err=True)
    finder = OnnxFaces(resolve_model(detector, "detector") if detector else default_landmark_model())
    faces = {name: held_back_faces(name, finder, most) for name in ("lfw", "celeba", "fairface")}
    rows = ["### Milliseconds of processor time a face, one thread", ""]
    for count in (1, 8):
        taken = milliseconds_a_face([*timed, *opponents], count)
        rows.append(f"- batch {count}: " + ", ".join(f"{name} {cost:.2f}" for name, cost in taken.items()))
    typer.echo(evaluation_report(judges, Material(**faces), "\n".join(rows)))


@app.command("landmarks")
def landmarks_command(
    detectors: Annotated[list[str] | None, typer.Argument(help="Names or files; default the built-in one.")] = None,
    most: Annotated[int, typer.Option(help="Photographs at most.")] = 2000,
) -> None:
    """Print how well MobileFace tells CelebA's people apart by each detector's landmarks, and by YuNet's beside."""
    set_up(1)
    yunet = OnnxFaces(default_landmark_model())
    chosen = [OnnxFaces(resolve_model(name, "detector")) for name in detectors or ["built-in"]]
    faces = held_back_faces("celeba", yunet, most)
    typer.echo(landmark_table(faces, [*chosen, yunet], MobileFaceJudge(default_peer()).found))
