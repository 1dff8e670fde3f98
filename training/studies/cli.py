"""`python -m training studies ...`: look at the data, run and compare the networks, evaluate and export them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import cv2
import numpy as np
import typer

from footfall.errors import DataError
from footfall.types import FloatArray, ImageArray
from training.data.adience import read_adience
from training.data.celeba import read_celeba
from training.data.faces import CACHED_SIZE_PX, UNKNOWN, LabelledFaces
from training.data.folder import read_folder
from training.data.labelled import LabelledImage
from training.studies.binnings import ADIENCE, INTUITION, MARKET, Binning, balanced, uniform
from training.studies.utkface import utkface_part

if TYPE_CHECKING:
    from training.studies.config import StudyConfig

app = typer.Typer(help="The networks of the source documents, compared on the same faces.", no_args_is_help=True)
CONFIGS = Path(__file__).parent / "configs"
RunsOption = Annotated[Path, typer.Option("--runs", help="Where runs keep their checkpoints and pictures.")]
CacheOption = Annotated[Path, typer.Option("--cache", help="Where the faces are cached as arrays.")]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="Processor threads.")]
StudyArgument = Annotated[str, typer.Argument(help="A TOML file, or the name of one in training/studies/configs.")]


def _config_file(study: str) -> Path:
    path = Path(study)
    if path.suffix == ".toml":
        return path
    known = sorted(file.stem for file in CONFIGS.glob("*.toml"))
    if study not in known:
        raise DataError(f"no study {study!r}; there are {', '.join(known)}, or give a TOML file")
    return CONFIGS / f"{study}.toml"


def _utkface(cache: Path) -> tuple[LabelledFaces, LabelledFaces]:
    return utkface_part(cache, "train"), utkface_part(cache, "test")


@app.command()
def data(
    out: Annotated[Path, typer.Option("--out", help="The picture to write.")] = Path(".cache/data.png"),
    cache: CacheOption = Path(".cache/studies"),
) -> None:
    """Draw the training faces by age, gender, ethnicity and by age group for each binning."""
    from training.studies.plots import plot_data

    faces, _ = _utkface(cache)
    binnings = [uniform(5), uniform(10), uniform(20), balanced(faces.age_years, 7), INTUITION, ADIENCE, MARKET]
    plot_data(faces, binnings, out)
    typer.echo(f"wrote {out}")


@app.command()
def run(
    study: StudyArgument,
    runs: RunsOption = Path(".cache/runs/studies"),
    cache: CacheOption = Path(".cache/studies"),
    threads: ThreadsOption = 1,
) -> None:
    """Run every network of a study that is not finished yet, resuming where an interruption left one."""
    import torch

    from training.studies.config import read_studies
    from training.studies.study import log_to_stderr, read_result, run_study

    log_to_stderr()
    torch.set_num_threads(threads)
    configs = read_studies(_config_file(study))
    faces = _utkface(cache)
    for config in configs:
        directory = runs / config.name
        finished = read_result(directory)
        if finished is None or finished.config != config:
            finished = run_study(config, faces, directory)
        typer.echo(f"{config.name}: {finished.scores}")


@app.command()
def table(
    studies: Annotated[list[str], typer.Argument(help="Studies, as for run.")],
    runs: RunsOption = Path(".cache/runs/studies"),
    cache: CacheOption = Path(".cache/studies"),
) -> None:
    """Print the Markdown table of finished runs, with the documents' numbers and the built-in network beside."""
    from training.studies.config import read_studies
    from training.studies.study import StudyResult, read_result
    from training.studies.tables import study_table

    results: list[StudyResult] = []
    for study in studies:
        for config in read_studies(_config_file(study)):
            if (finished := read_result(runs / config.name)) is not None:
                results.append(finished)
    classes = {result.config: result.classes for result in results}
    typer.echo(study_table(results, _built_in_scores(classes, _utkface(cache)[1])))


@app.command("built-in")
def built_in(
    studies: Annotated[list[str], typer.Argument(help="Studies, as for run.")],
    cache: CacheOption = Path(".cache/studies"),
) -> None:
    """Print how the built-in network does on the age classes of every run, without running any."""
    from training.studies.config import read_studies
    from training.studies.samples import split
    from training.studies.study import study_binning
    from training.studies.tables import built_in_table

    faces, test = _utkface(cache)
    configs = [config for study in studies for config in read_studies(_config_file(study))]
    binnings = {config: study_binning(config, split(faces, config)[0]) for config in configs}
    classes = {config: () if binning is None else binning.starts for config, binning in binnings.items()}
    typer.echo(built_in_table(configs, _built_in_scores(classes, test)))


def _built_in_scores(
    classes: Mapping[StudyConfig, tuple[int, ...]], test: LabelledFaces
) -> dict[str, dict[str, float]]:
    """Return the built-in network's scores on `test`, by name of the run, for each run's first years of classes."""
    from inference import load_attributes
    from training.studies.predict import predict_model
    from training.studies.scores import Truth, score

    model, scores = load_attributes(), {}
    for config, starts in classes.items():
        wanted = (test.age_years >= config.youngest_years) & (test.age_years <= config.oldest_years)
        part = test.select(np.flatnonzero(wanted | (config.task == "gender")))
        predictions = predict_model(model, part.images, Binning(config.binning, starts) if starts else None)
        scores[config.name] = score(predictions, Truth(part.age_years.astype(np.float32), part.female, {}))
    return scores


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="built-in, an added model's name, or an ONNX file.")],
    folder: Annotated[Path, typer.Argument(help="Labelled faces: class folders, UTKFace names, Adience or CelebA.")],
    kind: Annotated[str, typer.Option("--kind", help="folder, adience or celeba.")] = "folder",
    aligned: Annotated[bool, typer.Option("--aligned", help="The pictures are crops already; do not detect.")] = False,
) -> None:
    """Score a network on any labelled folder: accuracy, age error, cumulative score, in all and by group."""
    from inference import load_attributes
    from training.studies.predict import predict_model
    from training.studies.scores import Truth, score, score_by_group
    from training.studies.tables import group_table, show

    readers = {"folder": read_folder, "adience": read_adience, "celeba": read_celeba}
    if kind not in readers:
        raise DataError(f"--kind {kind!r}: expected {', '.join(readers)}")
    labels = readers[kind](folder)
    network = load_attributes(model)
    crops, kept = _crops(labels, network.align, aligned=aligned)
    ages = np.array([UNKNOWN if face.age_years is None else face.age_years for face in kept], np.float32)
    female = np.array([UNKNOWN if face.female is None else int(face.female) for face in kept], np.int16)
    binning: Binning = ADIENCE if kind == "adience" else MARKET
    predictions = predict_model(network, crops, binning)
    groups = {"gender": np.array(["unknown" if f < 0 else ("male", "female")[f] for f in female])}
    groups["age group"] = np.array(["unknown" if a < 0 else binning.labels[int(binning.classes(a))] for a in ages])
    for name, value in score(predictions, Truth(ages, female, {})).items():
        typer.echo(f"{name.replace('_', ' ')}: {show(value, name)}")
    typer.echo(f"faces: {len(kept)} of {len(labels)} pictures\n")
    typer.echo(group_table(score_by_group(predictions, Truth(ages, female, groups))))


@app.command()
def export(
    study: StudyArgument,
    name: Annotated[str, typer.Argument(help="The run of the study to export.")],
    out: Annotated[Path, typer.Option("--out", help="The ONNX file to write.")],
    runs: RunsOption = Path(".cache/runs/studies"),
    cache: CacheOption = Path(".cache/studies"),
) -> None:
    """Export the best epoch of a run to an ONNX file that `footfall models add` takes."""
    from training.studies.config import read_studies
    from training.studies.export import export_study
    from training.studies.study import load_study

    configs = {config.name: config for config in read_studies(_config_file(study))}
    if name not in configs:
        raise DataError(f"no run {name!r} in this study; there are {', '.join(configs)}")
    network, binning = load_study(configs[name], _utkface(cache)[0], runs / name)
    export_study(network, configs[name], binning, out)
    typer.echo(f"wrote {out}; `footfall models add {out} --name {name}` takes it")


def _crops(
    labels: Sequence[LabelledImage], align: Callable[[ImageArray, FloatArray], ImageArray], *, aligned: bool
) -> tuple[ImageArray, list[LabelledImage]]:
    """Return a crop uint8 (N, S, S, 3) of the largest face in each picture; pictures without a face are left out."""
    from inference import load_detector

    detector = None if aligned else load_detector(min_score=0.5)
    crops: list[ImageArray] = []
    kept: list[LabelledImage] = []
    for label in labels:
        image = label.read()
        if detector is None:
            crops.append(np.asarray(cv2.resize(image, (CACHED_SIZE_PX,) * 2, interpolation=cv2.INTER_AREA), np.uint8))
            kept.append(label)
            continue
        found = detector.detect(image)
        if len(found):
            sides = found.boxes[:, 2:] - found.boxes[:, :2]
            crops.append(align(image, found.landmarks[int(sides.prod(axis=1).argmax())]))
            kept.append(label)
    if not kept:
        raise DataError("no face was found in any of the pictures; crops need --aligned")
    return np.stack(crops), kept
