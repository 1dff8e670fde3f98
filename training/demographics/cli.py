"""`python -m training demographics ...`: prepare, teach, train, export, evaluate."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import cv2
import torch
import typer

from inference.attributes import load_attributes
from inference.manifest import BUILT_IN_DIRECTORY, record_built_in, resolve_model
from training.data.archive import data_directory, find_archives
from training.data.faces import read_faces
from training.demographics.config import BUILT_IN, read_config
from training.demographics.evaluate import read_evaluation_faces
from training.demographics.examples import read_soft_labels
from training.demographics.finish import FinishOptions, finish
from training.demographics.prepare import default_landmark_model, prepare
from training.demographics.report import evaluation_report
from training.demographics.sharpness import sharpness_table
from training.demographics.teach import teach, write_soft_labels
from training.demographics.train import train
from training.demographics.wild import read_wild_faces
from training.detector.decode import OnnxFaces

CACHE = Path(".cache/demographics/train.npy")
SOFT_LABELS = Path(".cache/demographics/soft.npz")
RUN = Path(".cache/runs/demographics")
SHIPPED = BUILT_IN_DIRECTORY / "demographics.onnx"

app = typer.Typer(help="The built-in demographics network: gender and age from one face.", no_args_is_help=True)
Threads = Annotated[int, typer.Option(help="Processor threads; one leaves the other core to somebody else.")]
ConfigFile = Annotated[Path, typer.Option("--config", help="TOML with the settings of the run.")]
CacheFile = Annotated[Path, typer.Option(help="The cache of aligned faces that `prepare` wrote.")]
SoftFile = Annotated[Path, typer.Option(help="The soft labels that `teach` wrote.")]
RunFolder = Annotated[Path, typer.Option(help="Folder of the run's checkpoint and metrics.")]


def _set_up(threads: int) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(threads)


@app.command("prepare")
def prepare_command(
    cache: CacheFile = CACHE,
    landmark_model: Annotated[Path | None, typer.Option(help="Detector that frames LFW; default YuNet.")] = None,
    lfw: Annotated[bool, typer.Option(help="Take LFW's adults too.")] = True,
) -> None:
    """Cache every training face, aligned, once (about five minutes)."""
    _set_up(1)
    faces = prepare(cache, landmark_model or default_landmark_model(), lfw)
    typer.echo(f"{len(faces)} faces in {cache}")


@app.command("teach")
def teach_command(
    cache: CacheFile = CACHE,
    soft: SoftFile = SOFT_LABELS,
    config: ConfigFile = BUILT_IN,
    recogniser: Annotated[Path | None, typer.Option(help="MobileFace recogniser.")] = None,
    age_teacher: Annotated[Path | None, typer.Option(help="AgeGenderNet, asked about LFW only.")] = None,
) -> None:
    """Ask the teachers about every cached face (about five minutes)."""
    _set_up(1)
    settings, faces, shared = read_config(config), read_faces(cache), data_directory().parent
    said = teach(
        faces,
        recogniser or shared / "models" / "mobileface_teacher.onnx",
        age_teacher or shared / "peers" / "faceapi_age_gender.onnx",
        settings.network.embedding,
        settings.held_out,
    )
    write_soft_labels(said, faces.names, soft)
    typer.echo(f"soft labels for {len(faces)} faces in {soft}")


@app.command("train")
def train_command(
    config: ConfigFile = BUILT_IN,
    cache: CacheFile = CACHE,
    soft: SoftFile = SOFT_LABELS,
    run: RunFolder = RUN,
    threads: Threads = 1,
    teacher: Annotated[Path | None, typer.Option(help="An earlier export to imitate beside the labels.")] = None,
    start: Annotated[Path | None, typer.Option(help="An earlier export whose weights to begin with.")] = None,
) -> None:
    """Do everything that is still missing: prepare, teach, train (resumed from the last checkpoint)."""
    _set_up(threads)
    settings = read_config(config)
    if not cache.exists():
        prepare_command(cache)
    if settings.network.embedding and not soft.exists():
        teach_command(cache, soft, config)
    faces = read_faces(cache)
    said = read_soft_labels(soft, faces.names) if soft.exists() else None
    imitated = None if teacher is None else load_attributes(teacher)
    train(settings, faces, said, run, teacher=imitated, start=start)
    command = f"export --config {config} --run {run} --version VERSION"
    typer.echo(f"trained; `python -m training demographics {command}` writes the model")


@app.command("export")
def export_command(
    version: Annotated[str, typer.Option(help="Version for the metadata, like 1.0.")],
    config: ConfigFile = BUILT_IN,
    cache: CacheFile = CACHE,
    run: RunFolder = RUN,
    target: Annotated[Path, typer.Option(help="ONNX file to write.")] = SHIPPED,
    size_px: Annotated[int | None, typer.Option(help="Picture size; default that of the last epochs.")] = None,
    mirror: Annotated[bool, typer.Option(help="Judge each face with its mirror image.")] = True,
    int8: Annotated[bool, typer.Option(help="Quantise to eight bits.")] = True,
) -> None:
    """Calibrate on held-out faces and write the model; the built-in one is recorded in the manifest."""
    _set_up(1)
    settings = read_config(config)
    options = FinishOptions(settings.name, version, size_px or settings.sizes_px[-1], mirror, int8)
    typer.echo(finish(settings, read_faces(cache), run, target, options))
    if target == SHIPPED:
        record_built_in("demographics")


@app.command("sharpness")
def sharpness_command(cache: CacheFile = CACHE, config: ConfigFile = BUILT_IN) -> None:
    """Print how much detail faces of each size have, which is what the program's quality of a face rests on."""
    _set_up(1)
    typer.echo(sharpness_table(read_faces(cache), read_config(config).held_out))


@app.command("evaluate")
def evaluate_command(
    model: Annotated[Path, typer.Option(help="ONNX file of a demographics model.")] = SHIPPED,
    archive: Annotated[str, typer.Option(help="Archives of UTKFace crops, a pattern in the data folder.")] = (
        "utkface-val.tar"
    ),
    peer: Annotated[Path | None, typer.Option(help="AgeGenderNet to compare with; default where there is one.")] = None,
    detector: Annotated[str, typer.Option(help="Detector for the aligned row: built-in, or a file.")] = "built-in",
    lfw: Annotated[bool, typer.Option(help="Judge LFW's people, too, whom the training held out.")] = True,
    config: ConfigFile = BUILT_IN,
) -> None:
    """Print the tables of the model card for faces the network has never seen."""
    _set_up(1)
    default_peer = data_directory().parent / "peers" / "faceapi_age_gender.onnx"
    opponent = peer or (default_peer if default_peer.exists() else None)
    finder = OnnxFaces(resolve_model(detector, "detector"))
    faces, landmarks = read_evaluation_faces(find_archives(archive)), default_landmark_model()
    unseen = read_wild_faces(read_config(config).held_out, landmarks) if lfw else None
    typer.echo(evaluation_report(model, faces, opponent, finder, unseen))
