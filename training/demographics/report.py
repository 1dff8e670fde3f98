"""The evaluation report: every table of the model card, in one run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from training.data.archive import find_archives
from training.demographics import evaluate, metrics
from training.demographics.calibration import GROUP_STARTS
from training.demographics.judges import SPEED_BATCH, Judge, milliseconds_a_face
from training.demographics.metrics import DECADE_STARTS
from training.demographics.photographs import (
    Photographs,
    as_distant,
    find_in_crops,
    held_out_photographs,
    read_crops,
    street_photographs,
)
from training.detector.decode import OnnxFaces

WILD_SETS = ("fairface", "all-age-faces", "web-gender", "lfw", "wider")
CROP_ARCHIVE = "utkface-val.tar"
FACE_SIZES_PX = (48, 32, 24, 20, 16)


def evaluation_report(judges: Sequence[Judge], detectors: Sequence[OnnxFaces], share: float) -> str:
    """Return the report on `judges` as Markdown; the first is the one that the tables about people are about.

    Faces in photographs are found by each of `detectors`; `share` is what the training held out of each set.
    """
    names = ", ".join(judge.name for judge in judges)
    parts = [f"{datetime.now(UTC):%Y-%m-%d}: {names}."]
    for detector in detectors:
        parts += [f"### In the wild, faces found by {detector.version}", *_wild(judges, detector, share)]
    parts += ["### UTKFace, the part kept back", *_crops(judges, detectors), "### Speed", _speeds(judges)]
    return "\n\n".join(parts)


def _wild(judges: Sequence[Judge], detector: OnnxFaces, share: float) -> list[str]:
    rows, missed, parts = [], [], []
    for name in WILD_SETS:
        faces = street_photographs(detector) if name == "wider" else held_out_photographs(name, detector, share)
        missed.append(f"{faces.missed} of {faces.missed + len(faces.images)} {name}")
        for judge in judges:
            said = judge.found(faces.images, faces.landmarks)
            rows.append((f"{name}: {judge.name}", metrics.score(faces.truth, said)))
            if judge is judges[0] and name == "fairface":
                parts += ["Who is judged worse, FairFace:", evaluate.people_table(faces.truth, said)]
                parts.append(evaluate.calibration_table(faces.truth, said, judge.model, DECADE_STARTS))
    return [evaluate.wild_table(rows), f"No face found in {', '.join(missed)}.", *parts]


def _crops(judges: Sequence[Judge], detectors: Sequence[OnnxFaces]) -> list[str]:
    crops, truth = read_crops(find_archives(CROP_ARCHIVE))
    ready = [judge.crops(crops) for judge in judges]
    rows = [
        (f"{judge.name}, ready crops", metrics.score(truth, said)) for judge, said in zip(judges, ready, strict=True)
    ]
    for detector in detectors:
        found: Photographs = find_in_crops(crops, truth, detector)
        for judge in judges:
            scores = metrics.score(found.truth, judge.found(found.images, found.landmarks))
            rows.append((f"{judge.name}, found by {detector.version}", scores))
    for size_px in FACE_SIZES_PX:
        distant = as_distant(crops, size_px)
        rows += [(f"{judge.name}, {size_px} px", metrics.score(truth, judge.crops(distant))) for judge in judges]
    calibration = evaluate.calibration_table(truth, ready[0], judges[0].model, GROUP_STARTS)
    return [evaluate.crop_table(rows), evaluate.people_table(truth, ready[0]), calibration]


def _speeds(judges: Sequence[Judge]) -> str:
    lines = []
    for count in (SPEED_BATCH, 1):
        taken = milliseconds_a_face(judges, count)
        lines.append(f"batch {count}: " + ", ".join(f"{name} {ms:.2f}" for name, ms in taken.items()))
    return f"Milliseconds of processor time a face on one thread, {'; '.join(lines)}."
