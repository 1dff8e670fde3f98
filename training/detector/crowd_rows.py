"""Rows on held-back photographs of crowds: precision and recall by face size, and what is no face in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.data.crowds import Part
from training.detector.agree import CROWDS, crowd_set, holds, judge, label_look
from training.detector.decode import OnnxFaces
from training.detector.facefree import widest_free_region
from training.detector.landmarks import keypoint_errors, read_keypoint_references, turned
from training.detector.looks import Look, load_looks
from training.detector.metrics import Matched, average_precision, join, match_picture, recall_between
from training.detector.samples import Floats, Image, Labels, side_px
from training.detector.table import Table

SMALLEST_FACE_PX = 10.0
BUCKETS_PX = ((10, 16), (16, 24), (24, 40), (40, 10_000))
WORKING_SCORE = 0.5
KEYPOINT_SIZES_PX = (64, 32, 24)
TURNED = 0.12  # of the eye distance: a head turned by some 15 degrees
SMALLEST_EMPTY_HEAD_PX = 16.0


def read_part(folder: Path, name: str, part: Part) -> list[tuple[Look, Labels]]:
    """Return the photographs of one part of a prepared set with their labels; none when it was not prepared."""
    if not (folder / f"{name}.npz").is_file():
        return []
    kind = crowd_set(name).kind
    return [(look, label_look(look, kind)) for look in load_looks(name, folder) if look.part == part]


def match_crowd(detector: OnnxFaces, photos: Sequence[tuple[Look, Labels]], scale: float = 1.0) -> Matched:
    """Match a detector's faces to the labels; what lies in ignored regions counts neither way."""
    parts = [
        match_picture(detector.detect(look.image, scale), labels.boxes, SMALLEST_FACE_PX, labels.ignored)
        for look, labels in photos
    ]
    return join(parts)


def tabulate_crowds(detectors: dict[str, OnnxFaces], folder: Path) -> Table:
    """Average precision, recall by size and false faces a picture on each set's held-back sixth."""
    rows = []
    for name in CROWDS:
        photos = read_part(folder, name, "test")
        if not photos:
            continue
        for detector_name, detector in detectors.items():
            matched = match_crowd(detector, photos)
            buckets = [recall_between(matched, low, high, WORKING_SCORE) for low, high in BUCKETS_PX]
            wrong = int(((matched.scores >= WORKING_SCORE) & ~matched.true).sum())
            figures = (average_precision(matched, SMALLEST_FACE_PX), wrong / len(photos))
            recalls = (f"{recall:.3f} ({count})" for recall, count in buckets)
            rows.append((f"{name} ({len(photos)})", detector_name, *(f"{figure:.3f}" for figure in figures), *recalls))
    sizes = tuple(f"{low}-{high} px" if high < 1000 else f"{low}+ px" for low, high in BUCKETS_PX)
    columns = ("set (pictures)", "detector", "AP50 10+ px", "false a picture", *sizes)
    return Table(
        "Held-back crowds: faces that the teachers agree on or somebody annotated; recall from 0.5",
        columns,
        tuple(rows),
    )


def empty_heads(folder: Path) -> list[tuple[Image, Labels]]:
    """Return held-back photographs with their annotated heads in which no teacher sees the faintest face.

    Those heads stand in `Labels.boxes`: seen from behind, most of them.
    """
    found = []
    for name in CROWDS:
        if crowd_set(name).kind != "heads":
            continue
        for look, _ in read_part(folder, name, "test"):
            large = look.annotated[side_px(look.annotated) >= SMALLEST_EMPTY_HEAD_PX]
            seen = np.concatenate([look.first.boxes, look.second.boxes])
            empty = large[~holds(large, seen)]
            found.append((look.image, Labels(empty, np.zeros((len(empty), 5, 2), np.float32), seen)))
    return found


def tabulate_faceless(detectors: dict[str, OnnxFaces], folder: Path) -> Table:
    """Heads without a face that are taken for one, and false faces on parts of crowds without heads."""
    heads = empty_heads(folder)
    count = sum(len(labels.boxes) for _, labels in heads)
    regions = free_regions(folder)
    rows = []
    for name, detector in detectors.items():
        taken = 0
        for image, labels in heads:
            faces = detector.detect(image)
            taken += int(holds(labels.boxes, faces.boxes[faces.scores >= WORKING_SCORE]).sum())
        false = [int((detector.detect(region).scores >= WORKING_SCORE).sum()) for region in regions]
        rows.append((name, f"{taken} of {count}", f"{np.mean(false):.3f}"))
    columns = ("detector", "heads without a face taken for one", f"false faces a part without heads ({len(regions)})")
    return Table("Held-back crowds: what is no face, score from 0.5", columns, tuple(rows))


def free_regions(folder: Path) -> list[Image]:
    """Return the largest part without any head, annotated or suspected, of each held-back photograph: bodies, bags."""
    regions = []
    for name in CROWDS:
        for look, labels in read_part(folder, name, "test"):
            first = look.first.boxes[judge(look).certain]
            heads = np.concatenate([look.annotated, first, labels.boxes, labels.ignored])
            if len(heads) > 40:  # no room between them, and the search would take long
                continue
            region = widest_free_region(heads, look.image.shape[1], look.image.shape[0])
            if region is not None:
                left, top, right, bottom = region
                regions.append(look.image[top:bottom, left:right])
    return regions


def tabulate_keypoints(detectors: dict[str, OnnxFaces], teacher: OnnxFaces, wild: Path) -> Table:
    """Mean distance of landmarks from those annotated in All-Age-Faces, on the faces that every detector found."""
    references = read_keypoint_references(teacher, wild)
    yaw = np.array([turned(reference.landmarks) for reference in references])
    rows = []
    for size in KEYPOINT_SIZES_PX:
        errors = {name: keypoint_errors(detector, references, size) for name, detector in detectors.items()}
        common = np.all([np.isfinite(error) for error in errors.values()], axis=0)
        for name, error in errors.items():
            groups = (common, common & (yaw < TURNED), common & (yaw >= TURNED))
            means = (_mean(error[group]) for group in groups)
            rows.append((f"{size} px", name, f"{np.isfinite(error).mean():.3f}", *means))
    title = f"Landmarks against annotated key points, All-Age-Faces held back ({len(references)}), in eye distances"
    return Table(title, ("face", "detector", "found", "all", "frontal", "turned"), tuple(rows))


def _mean(errors: Floats) -> str:
    return f"{100 * errors.mean():.1f} % ({len(errors)})" if len(errors) else "–"
