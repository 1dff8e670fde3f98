"""What an earlier detector takes for a face, and nobody else does, is trained on as background."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footfall.types import Detections
from training.detector.compose import Composer
from training.detector.mistaken import cut_mistakes, load_mistakes, show_mistake, store_mistakes
from training.detector.samples import Image, Labels, Sample

from .scenes import marked_face, write_pools

FACE = (60.0, 60.0)
SIGN = (150.0, 140.0)
SIGN_SIDE = 8.0
SIGN_LEVEL = 200


class Finds:
    """Finds what it is told, in every picture and at every scale."""

    def __init__(self, *places: tuple[tuple[float, float], float], score: float = 0.8) -> None:
        self._boxes = np.array([square(*place) for place in places], np.float32).reshape(-1, 4)
        self._score = score

    def detect(self, image: Image, scale: float = 1.0, min_score: float = 0.3) -> Detections:
        """Return the places as faces, if they are sure enough."""
        count = len(self._boxes) if self._score >= min_score else 0
        marks = np.zeros((count, 5, 2), np.float32)
        return Detections(self._boxes[:count], np.full(count, self._score, np.float32), marks)


def square(middle: tuple[float, float], side: float) -> tuple[float, float, float, float]:
    x, y = middle
    return (x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def photograph() -> Sample:
    """Return a picture of one labelled face and a plain grey sign, which is none."""
    sample = marked_face(side=200, centre=FACE, face=40.0)
    left, top, right, bottom = (round(edge) for edge in square(SIGN, SIGN_SIDE))
    sample.image[top:bottom, left:right] = SIGN_LEVEL
    return sample


EARLIER = Finds((FACE, 40.0), (SIGN, SIGN_SIDE))
NOBODY = Finds()


def mistakes(sample: Sample, *teachers: Finds) -> int:
    return len(list(cut_mistakes(sample, EARLIER, teachers)))


def test_a_mistake_is_what_neither_labels_nor_teachers_call_a_face() -> None:
    sample = photograph()
    assert mistakes(sample, NOBODY) == 1
    assert mistakes(sample, NOBODY, Finds(((40.0, 40.0), 12.0), score=0.2)) == 0  # the middle of a part of 80 pixels


def test_a_place_where_nobody_can_say_is_no_mistake() -> None:
    sample = photograph()
    doubtful = np.array([square(SIGN, 20.0)], np.float32)
    known = Labels(sample.labels.boxes, sample.labels.landmarks, doubtful)
    assert mistakes(Sample(sample.image, known), NOBODY) == 0


def test_a_part_has_the_mistake_in_its_middle_and_true_faces_keep_their_labels() -> None:
    sample = photograph()
    (part,) = cut_mistakes(sample, EARLIER, [NOBODY])
    middle = part.image.shape[0] // 2
    assert part.image.shape == (80, 80, 3)
    assert (part.image[middle - 3 : middle + 3, middle - 3 : middle + 3] == SIGN_LEVEL).all()
    assert len(part.labels.boxes) == 0
    (wide,) = cut_mistakes(sample, Finds((SIGN, 24.0)), [NOBODY])
    left, top = SIGN[0] - 120, SIGN[1] - 120
    assert wide.labels.boxes.tolist() == [pytest.approx([40 - left, 40 - top, 80 - left, 80 - top])]


def test_a_large_part_is_kept_small() -> None:
    (part,) = cut_mistakes(photograph(), Finds((SIGN, 50.0)), [NOBODY])
    assert part.image.shape == (320, 320, 3)
    face = part.labels.boxes[0] / (320 / 500)
    assert face.tolist() == pytest.approx([140, 150, 180, 190], abs=0.5)


def test_a_mistake_is_shown_as_background_at_many_sizes() -> None:
    (part,) = cut_mistakes(photograph(), EARLIER, [NOBODY])
    areas = []
    for seed in range(40):
        shown = show_mistake(np.random.default_rng(seed), part, 160, 120)
        assert shown.image.shape == (120, 160, 3)
        assert len(shown.labels.boxes) == 0
        areas.append(int((shown.image[..., 0] > SIGN_LEVEL // 2).sum()))
    assert min(areas) > 0
    assert max(areas) > 4 * min(areas)


def test_stored_mistakes_are_drawn_into_training_pictures(tmp_path: Path) -> None:
    pools = write_pools(tmp_path)
    plain = Composer.open(pools, 160)
    assert plain.mistaken is None
    assert store_mistakes([plain.mask], NOBODY, [NOBODY], pools) == 0
    assert load_mistakes(pools) is None
    corner = Finds(((4.0, 196.0), 6.0))
    assert store_mistakes(plain.photographs(), corner, [NOBODY], pools) == len(plain.mask) + len(plain.lfw)
    with_mistakes = Composer.open(pools, 160)
    assert with_mistakes.mistaken is not None and len(with_mistakes.mistaken) == len(plain.mask) + len(plain.lfw)
    faces = [
        np.mean([len(composer.draw(np.random.default_rng(seed)).labels.boxes) for seed in range(150)])
        for composer in (plain, with_mistakes)
    ]
    assert faces[1] < faces[0]
