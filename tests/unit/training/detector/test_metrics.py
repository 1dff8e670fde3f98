"""The measures count what they say they count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footfall.errors import DataError
from footfall.types import Detections
from training.detector.calibrate import calibrate
from training.detector.facefree import widest_free_region
from training.detector.footage import Truth, read_counts, score_frame
from training.detector.landmarks import Reference, landmark_error
from training.detector.metrics import (
    Matched,
    average_precision,
    match_picture,
    recall_between,
    threshold_at_precision,
    threshold_at_recall,
)
from training.detector.teacher import add_landmarks, label_photo


def faces(*rows: tuple[float, float, float, float, float]) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(table[:, :4], table[:, 4], np.zeros((len(table), 5, 2), np.float32))


BOXES = np.array([[0, 0, 20, 20], [50, 50, 80, 80], [100, 0, 108, 8]], np.float32)


def test_a_perfect_detector_has_precision_one_and_small_faces_do_not_count() -> None:
    matched = match_picture(faces((0, 0, 20, 20, 0.9), (50, 50, 80, 80, 0.8), (100, 0, 108, 8, 0.7)), BOXES, 12)
    assert average_precision(matched, 12) == pytest.approx(1.0)
    assert recall_between(matched, 8, 16, 0.5) == (1.0, 1)
    assert len(matched.scores) == 2


def test_a_second_box_on_one_face_is_false() -> None:
    matched = match_picture(faces((0, 0, 20, 20, 0.9), (0, 1, 20, 21, 0.8)), BOXES[:2], 12)
    assert matched.true.tolist() == [True, False]
    assert average_precision(matched, 12) == pytest.approx(0.5)


def test_a_false_alarm_that_scores_best_halves_the_precision() -> None:
    matched = match_picture(faces((200, 200, 230, 230, 0.95), (0, 0, 20, 20, 0.9)), BOXES[:1], 12)
    assert average_precision(matched, 12) == pytest.approx(0.5)
    assert threshold_at_precision(matched, 0.9) == 1.0
    assert threshold_at_precision(matched, 0.5) == pytest.approx(0.9)


def test_the_score_that_finds_so_many_faces_counts_faces_and_not_detections() -> None:
    found = faces((200, 200, 230, 230, 0.95), (0, 0, 20, 20, 0.9), (50, 50, 80, 80, 0.6))
    matched = match_picture(found, BOXES, 12)  # the third box is too small to be looked for
    assert threshold_at_recall(matched, 12, 0.5) == pytest.approx(0.9)
    assert threshold_at_recall(matched, 12, 0.75) == pytest.approx(0.6)
    assert threshold_at_recall(match_picture(found, np.concatenate([BOXES, BOXES + 300]), 12), 12, 0.9) == 0.0


def test_the_calibrated_score_is_the_share_of_true_detections() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(-1, 1, 4000)
    true = rng.random(4000) < 1 / (1 + np.exp(-(2 * logits + 1)))
    scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
    fitted = calibrate(Matched(scores, true, np.zeros(0, np.float32), np.zeros(0, np.float32)))
    assert fitted.slope == pytest.approx(2, abs=0.25) and fitted.offset == pytest.approx(1, abs=0.25)


def test_a_calibration_without_false_detections_is_refused() -> None:
    matched = match_picture(faces((0, 0, 20, 20, 0.9)), BOXES[:1], 12)
    with pytest.raises(DataError, match="train longer"):
        calibrate(matched)


def test_the_widest_free_region_touches_no_face() -> None:
    region = widest_free_region(np.array([[100, 20, 140, 60]], np.float32), 400, 300)
    assert region is not None
    left, top, right, bottom = region
    assert right <= 100 or left >= 140 or top >= 60 or bottom <= 20
    assert (right - left) * (bottom - top) >= 0.6 * 400 * 300
    assert widest_free_region(np.array([[0, 0, 120, 120]], np.float32), 130, 130) is None


def test_the_teacher_labels_what_it_is_sure_of_and_leaves_the_rest_out() -> None:
    labels = label_photo(faces((0, 0, 20, 20, 0.9), (50, 50, 80, 80, 0.4)))
    assert labels.boxes.tolist() == [[0, 0, 20, 20]] and labels.ignored.tolist() == [[50, 50, 80, 80]]


def test_annotated_faces_get_the_matching_landmarks_only() -> None:
    seen = Detections(BOXES[:1], np.array([0.9], np.float32), np.full((1, 5, 2), 7, np.float32))
    labels = add_landmarks(BOXES[:2], seen)
    assert (labels.landmarks[0] == 7).all() and np.isnan(labels.landmarks[1]).all()
    assert len(labels.ignored) == 0
    assert len(add_landmarks(BOXES[1:2], seen).ignored) == 1


def test_footage_counts_found_missed_and_false_faces() -> None:
    truth = Truth(faces=[(0, 0, 20, 20), (50, 50, 80, 80)], unclear=[(200, 0, 300, 100)])
    found = faces((1, 1, 21, 21, 0.9), (220, 20, 240, 40, 0.8), (400, 0, 420, 20, 0.7), (50, 50, 80, 80, 0.1))
    score = score_frame(found, truth, 0.5)
    assert (score.faces, score.found, score.false) == (2, 1, 1)


def test_the_counted_frames_can_be_read() -> None:
    counts = read_counts()
    assert sum(len(frames) for frames in counts.values()) == 20


def test_a_bad_row_of_counts_is_refused_by_line(tmp_path: Path) -> None:
    table = tmp_path / "counts.csv"
    table.write_text("clip,frame,left,top,right,bottom,kind\na.mp4,3,0,0,5,5,face\na.mp4,3,0,0,5,5,maybe\n")
    with pytest.raises(DataError, match=r"counts\.csv, line 3"):
        read_counts(table)


class ShiftedFaces:
    """Finds one face, its landmarks shifted to the right, in pictures that are not made too small."""

    def detect(self, image: np.typing.NDArray[np.uint8], scale: float = 1.0, min_score: float = 0.3) -> Detections:
        if scale < 0.2:
            return Detections.empty()
        landmarks = np.full((1, 5, 2), 30, np.float32) + np.array([4, 0], np.float32)
        return Detections(np.array([[10, 10, 50, 50]], np.float32), np.array([0.9], np.float32), landmarks)


def test_landmark_error_is_in_face_sizes_and_counts_what_is_missed() -> None:
    box, landmarks = np.array([10, 10, 50, 50], np.float32), np.full((5, 2), 30, np.float32)
    references = [Reference(np.zeros((60, 60, 3), np.uint8), box, landmarks)]
    error = landmark_error(ShiftedFaces(), references, face_px=40)
    assert error.found == 1.0
    assert error.distance == pytest.approx(0.1)
    assert landmark_error(ShiftedFaces(), references, face_px=4).found == 0
