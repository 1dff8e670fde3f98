"""Figures of an exported model on labelled faces, with a peer in the same run, as Markdown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from footfall.types import FloatArray, ImageArray
from inference.alignment import align_face
from inference.attributes import AttributeModel
from inference.session import OnnxModel, Tensor
from training.data.faces import UTKFACE_LANDMARKS, batches
from training.data.utkface import Race, read_utkface
from training.demographics import metrics
from training.demographics.calibration import GROUP_STARTS, Calibration, bias_of_years
from training.demographics.metrics import Judgements, Scores, Truth
from training.demographics.prepare import CROP_MARGIN_PX, middle_face
from training.demographics.teach import peer_input
from training.detector.decode import OnnxFaces

FACE_SIZES_PX = (48, 32, 24, 16)
AGE_GROUPS = ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
SPEED_BATCH, SPEED_RUNS = 8, 60
Judge = Callable[[ImageArray], Judgements]


@dataclass(frozen=True, slots=True)
class EvaluationFaces:
    """Ready-made crops, uint8 (N, 200, 200, 3) BGR, with their labels."""

    images: ImageArray
    truth: Truth


def read_evaluation_faces(archives: tuple[Path, ...]) -> EvaluationFaces:
    """Return every UTKFace crop in `archives` with its labels."""
    faces = list(read_utkface(archives))
    labels = [face.label for face in faces]
    truth = Truth(
        np.array([label.age_years for label in labels], np.int16),
        np.array([label.female for label in labels], np.int16),
        np.array([label.race for label in labels], np.int16),
    )
    return EvaluationFaces(np.stack([face.image for face in faces]), truth)


def judge_with(model: AttributeModel) -> Judge:
    """Return how the program's own model judges ready crops."""

    def judge(faces: ImageArray) -> Judgements:
        said = [attributes for part in batches(len(faces), 64) for attributes in model.predict_aligned(faces[part])]
        return Judgements(
            np.array([one.p_female for one in said], np.float32),
            np.array([one.age_years for one in said], np.float32),
            np.stack([one.age_probabilities for one in said]),
        )

    return judge


def judge_with_peer(model: OnnxModel) -> Judge:
    """Return how face-api.js' AgeGenderNet judges ready crops."""

    def judge(faces: ImageArray) -> Judgements:
        said = [model.run(peer_input(faces[part])) for part in batches(len(faces), 64)]
        female = np.concatenate([np.asarray(one["gender"], np.float32)[:, 1] for one in said])
        return Judgements(female, np.concatenate([np.asarray(one["age"], np.float32)[:, 0] for one in said]))

    return judge


def as_distant(faces: ImageArray, size_px: int) -> ImageArray:
    """Return `faces` as a camera sees them at `size_px`, enlarged again to their old size."""
    side = faces.shape[1:3]
    small = resize_faces(faces, size_px)
    return np.stack([np.asarray(cv2.resize(face, side, interpolation=cv2.INTER_LINEAR), np.uint8) for face in small])


def resize_faces(faces: ImageArray, size_px: int) -> ImageArray:
    """Return uint8 (N, size, size, 3): `faces` as the program resizes ready crops."""
    way = cv2.INTER_AREA if faces.shape[1] > size_px else cv2.INTER_LINEAR
    return np.stack([np.asarray(cv2.resize(face, (size_px, size_px), interpolation=way), np.uint8) for face in faces])


def find_landmarks(faces: EvaluationFaces, detector: OnnxFaces) -> list[FloatArray | None]:
    """Return the five landmarks that `detector` finds in each crop, float32 (5, 2) px, None where it finds no face."""
    return [middle_face(detector, image, CROP_MARGIN_PX) for image in faces.images]


def align_found(faces: EvaluationFaces, landmarks: list[FloatArray | None], size_px: int) -> EvaluationFaces:
    """Return the faces that have `landmarks`, warped to UTKFace's framing, as the program does with faces it finds."""
    rows = np.array([row for row, points in enumerate(landmarks) if points is not None], np.intp)
    aligned = [
        align_face(image, points, UTKFACE_LANDMARKS, size_px)
        for image, points in zip(faces.images, landmarks, strict=True)
        if points is not None
    ]
    truth = Truth(faces.truth.age_years[rows], faces.truth.female[rows], faces.truth.race[rows])
    return EvaluationFaces(np.stack(aligned), truth)


def figures_table(rows: list[tuple[str, Scores]]) -> str:
    """Return Markdown: one line a model or condition."""
    head = "| | faces | MAE years | MAE 18+ | gender % | gender 18+ % | eight groups % | within one % | four groups % |"
    return "\n".join([head, "| --- |" + " ---: |" * 8, *(_figures_row(name, scores) for name, scores in rows)])


def _figures_row(name: str, s: Scores) -> str:
    years = f"{s.mae_years:.2f} | {s.mae_adults_years:.2f}"
    shares = (s.gender, s.gender_adults, s.market_exact, s.market_within_one, s.four_exact)
    return f"| {name} | {s.faces} | {years} | {' | '.join(f'{100 * share:.1f}' for share in shares)} |"


def people_table(truth: Truth, said: Judgements) -> str:
    """Return Markdown: error by gender, race and age group, the worst last, and who is treated worst by how much."""
    all_faces = metrics.score(truth, said)
    rows = [(name, metrics.score(truth, said, mask)) for name, mask in _people(truth)]
    lines = ["| people | faces | MAE years | bias years | gender % |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, s in [("all", all_faces), *rows]:
        lines.append(f"| {name} | {s.faces} | {s.mae_years:.2f} | {s.bias_years:+.2f} | {100 * s.gender:.1f} |")
    age_worst = max(rows, key=lambda row: row[1].mae_years)
    gender_worst = min(rows, key=lambda row: row[1].gender)
    lines += [
        "",
        f"Worst age: {age_worst[0]}, {age_worst[1].mae_years - all_faces.mae_years:+.2f} years over all. "
        f"Worst gender: {gender_worst[0]}, {100 * (gender_worst[1].gender - all_faces.gender):+.1f} points.",
    ]
    return "\n".join(lines)


def _people(truth: Truth) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    yield "female", truth.female == 1
    yield "male", truth.female == 0
    for race in Race:
        yield f"labelled {race.name.lower()}", truth.race == race
    groups = metrics.group_of(truth.age_years, GROUP_STARTS)
    for position, name in enumerate(AGE_GROUPS):
        yield f"age {name}", groups == position


def calibration_table(truth: Truth, said: Judgements, model: OnnxModel) -> str:
    """Return Markdown: calibration error of both outputs before and after; before is computed back from after."""
    assert said.age_probabilities is not None
    stored = json.loads(model.metadata.get("footfall.calibration", "{}"))
    fitted = replace(Calibration(), **{name: stored[name] for name in stored if name in Calibration.__slots__})
    logits = np.log(np.maximum(said.age_probabilities.astype(np.float64), 1e-12)) - bias_of_years(fitted).numpy()
    raw_age = softmax(logits * fitted.age_temperature, axis=1).astype(np.float32)
    p = np.clip(said.p_female.astype(np.float64), 1e-7, 1 - 1e-7)
    log_odds = (np.log(p / (1 - p)) - fitted.gender_bias) / fitted.gender_scale
    raw_gender = (1.0 / (1.0 + np.exp(-log_odds))).astype(np.float32)
    lines = ["| output | ECE before % | ECE after % |", "| --- | ---: | ---: |"]
    for name, before, after in (
        (
            "gender",
            metrics.gender_calibration_error(truth, raw_gender),
            metrics.gender_calibration_error(truth, said.p_female),
        ),
        (
            "age (market group)",
            metrics.age_calibration_error(truth, raw_age),
            metrics.age_calibration_error(truth, said.age_probabilities),
        ),
    ):
        lines.append(f"| {name} | {100 * before:.2f} | {100 * after:.2f} |")
    return "\n".join(lines)


def speed_faces(size_px: int) -> ImageArray:
    """Return the eight faces of noise, uint8 (8, size, size, 3), that speed is measured with."""
    return np.random.default_rng(0).integers(0, 256, (SPEED_BATCH, size_px, size_px, 3), dtype=np.uint8)


def faces_per_second(models: dict[str, tuple[OnnxModel, Tensor]]) -> dict[str, float]:
    """Return the speed at batch 8 on one thread, by processor time, median of 60 runs after warming up.

    `models` come with their input; they take turns, so that other work on the machine hits all alike.
    """
    times_s: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(SPEED_RUNS):
        for name, (model, faces) in models.items():
            began = time.process_time()
            model.run(faces)
            times_s[name].append(time.process_time() - began)
    return {name: SPEED_BATCH / float(np.median(taken[SPEED_RUNS // 6 :])) for name, taken in times_s.items()}
