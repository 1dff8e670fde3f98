"""Measure detectors side by side on the same pictures in one run, and write the tables of the model card."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.data.facemask import ARCHIVE_NAME, MaskPhoto, read_photos
from training.detector.decode import OnnxFaces
from training.detector.facefree import drawn_scenes, photographed_regions
from training.detector.footage import Score, read_counts, read_frames, score_frame
from training.detector.landmarks import landmark_error, read_references
from training.detector.metrics import (
    Matched,
    average_precision,
    join,
    match_picture,
    recall_between,
    threshold_at_precision,
    threshold_at_recall,
)
from training.detector.table import Table

SMALLEST_FACE_PX = 12.0
BUCKETS_PX = ((8, 16), (16, 32), (32, 64), (64, 10_000))
WORKING_SCORE = 0.5
LETTERBOX = (640, 352)
TIMED_SIZES = ((640, 352), (640, 384), (640, 640))
TIMED_ROUNDS = 60
LANDMARK_SIZES_PX = (64, 32, 24, 16)


def match_photos(detector: OnnxFaces, photos: Sequence[MaskPhoto], scale: float = 1.0) -> Matched:
    """Match a detector's faces in photographs resized by `scale` to the annotated ones."""
    parts = (match_picture(detector.detect(photo.image, scale), photo.boxes, SMALLEST_FACE_PX) for photo in photos)
    return join(list(parts))


def tabulate_photos(detectors: dict[str, OnnxFaces], data: Path, scale: float = 1.0) -> Table:
    """Average precision and recall by face size on the held-back mask photographs."""
    photos = list(read_photos(data / ARCHIVE_NAME, "test"))
    rows = []
    for name, detector in detectors.items():
        matched = match_photos(detector, photos, scale)
        precise = threshold_at_precision(matched, 0.9)
        for label, threshold in (("0.5", WORKING_SCORE), (f"{precise:.2f} (precision 0.90)", precise)):
            recalls = [recall_between(matched, low, high, threshold)[0] for low, high in BUCKETS_PX]
            overall = recall_between(matched, SMALLEST_FACE_PX, np.inf, threshold)[0]
            precision = _precision(matched, threshold)
            ap = average_precision(matched, SMALLEST_FACE_PX)
            figures = (ap, precision, overall, *recalls)
            rows.append((name, label, *(f"{figure:.3f}" for figure in figures)))
    counts = [recall_between(matched, low, high, 0.0)[1] for low, high in BUCKETS_PX]
    sizes = [f"{low}-{high}" if high < 1000 else f"{low}+" for low, high in BUCKETS_PX]
    buckets = tuple(f"{size} px ({count})" for size, count in zip(sizes, counts, strict=True))
    title = f"Mask photographs, held-back fifth ({len(photos)} pictures), at {scale:g} times their size"
    return Table(title, ("detector", "score from", "AP50", "precision", "recall 12+ px", *buckets), tuple(rows))


def tabulate_face_free(detectors: dict[str, OnnxFaces], other: OnnxFaces, data: Path) -> Table:
    """False faces per picture where there is no face, also from the score that finds as many faces as `other` does."""
    photos = list(read_photos(data / ARCHIVE_NAME, "test"))
    recall = recall_between(match_photos(other, photos), SMALLEST_FACE_PX, np.inf, WORKING_SCORE)[0]
    regions = [image for _, image in photographed_regions(data)]
    scenes = list(drawn_scenes())
    rows = []
    for name, detector in detectors.items():
        equal = threshold_at_recall(match_photos(detector, photos), SMALLEST_FACE_PX, recall)
        told = ((0.2, "0.2"), (WORKING_SCORE, f"{WORKING_SCORE}"), (equal, f"{equal:.2f} (recall {recall:.2f})"))
        scores = [[detector.detect(image).scores for image in images] for images in (regions, scenes)]
        for threshold, label in told:
            found = [np.mean([(one >= threshold).sum() for one in images]) for images in scores]
            rows.append((name, label, *(f"{figure:.3f}" for figure in found)))
    titles = (f"parts of photographs ({len(regions)})", f"drawn scenes ({len(scenes)})")
    title = (
        f"False faces per face-free picture; {other.version} finds {recall:.2f} of the mask photographs' faces from 0.5"
    )
    return Table(title, ("detector", "score from", *titles), tuple(rows))


def tabulate_footage(detectors: dict[str, OnnxFaces], data: Path) -> Table:
    """Recall and false alarms on the frames counted by eye, letterboxed as the program does and at full size."""
    rows = []
    for clip, truths in read_counts().items():
        frames = dict(read_frames(data / "clips" / clip, set(truths)))
        for letterboxed in (True, False):
            for name, detector in detectors.items():
                scores: list[Score] = []
                for index, image in frames.items():
                    fit = min(LETTERBOX[0] / image.shape[1], LETTERBOX[1] / image.shape[0])
                    faces = detector.detect(image, fit if letterboxed else 1.0)
                    scores.append(score_frame(faces, truths[index], WORKING_SCORE))
                wanted, found = sum(score.faces for score in scores), sum(score.found for score in scores)
                false = sum(score.false for score in scores)
                recall = f"{found / wanted:.3f} ({found} of {wanted})"
                working = "640x352" if letterboxed else "full size"
                rows.append((clip, working, name, str(len(scores)), recall, f"{false / len(scores):.2f}"))
    columns = ("clip", "worked on at", "detector", "frames", "recall", "false alarms a frame")
    return Table(f"Footage, faces counted by eye, score from {WORKING_SCORE}", columns, tuple(rows))


def tabulate_landmarks(detectors: dict[str, OnnxFaces], teacher: OnnxFaces, data: Path) -> Table:
    """Faces found and landmark distance on UTKFace validation crops at several face sizes."""
    references = read_references(data, teacher)
    rows = []
    for name, detector in detectors.items():
        errors = [landmark_error(detector, references, face_px) for face_px in LANDMARK_SIZES_PX]
        rows.append((name, *(f"{error.found:.3f}, {100 * error.distance:.1f} %" for error in errors)))
    title = (
        f"Single faces of UTKFace validation ({len(references)}): share found from {WORKING_SCORE}, and mean "
        "distance of landmarks from YuNet-n's at full size, in face sizes"
    )
    return Table(title, ("detector", *(f"{size} px" for size in LANDMARK_SIZES_PX)), tuple(rows))


def tabulate_times(detectors: dict[str, OnnxFaces]) -> Table:
    """Median and best time of the network alone on one thread; detectors take turns, so that load hits all alike."""
    rng = np.random.default_rng(0)
    rows = []
    for width, height in TIMED_SIZES:
        blob = rng.uniform(0, 255, (1, 3, height, width)).astype(np.float32)
        times: dict[str, list[float]] = {name: [] for name in detectors}
        for _ in range(TIMED_ROUNDS):
            for name, detector in detectors.items():
                started = time.perf_counter()
                detector.run(blob)
                times[name].append((time.perf_counter() - started) * 1e3)
        for name, taken in times.items():
            rows.append((f"{width}x{height}", name, f"{np.median(taken):.1f}", f"{min(taken):.1f}"))
    return Table("Time of the network, one thread", ("input", "detector", "median ms", "best ms"), tuple(rows))


def _precision(matched: Matched, threshold: float) -> float:
    chosen = matched.scores >= threshold
    return float(matched.true[chosen].mean()) if chosen.any() else float("nan")
