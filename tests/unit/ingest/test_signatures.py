"""What somebody looked like is gathered while in view, belongs to the visit, and is overwritten otherwise."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest

from footfall.types import FloatArray, Frame, ImageArray, Visit
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline
from ingest.signatures import FACES_KEPT, Looks, SignatureTaker, overwrite
from reid.types import Signature
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces
from tests.unit.ingest.looks import ColourClothes, ColourEmbedder
from tracking import JudgementOptions, Tracker, VisitBuilder, VisitOptions

RUN = UUID(int=3)
UID = UUID(int=9)


def looks(shade: int, quality: float = 0.8, at_s: float = 0.0) -> Looks:
    """Return one face of a person in a picture of one grey."""
    image = np.full((60, 80, 3), shade, np.uint8)
    boxes, landmarks = np.array([[10, 10, 50, 50]], np.float32), np.zeros((1, 5, 2), np.float32)
    one = np.ones(1, np.float32)
    return Looks(START + timedelta(seconds=at_s), image, boxes, landmarks, 40 * one, np.float32(quality) * one)


@pytest.fixture
def taker() -> SignatureTaker:
    return SignatureTaker(ColourEmbedder(), ColourClothes())


def test_the_best_faces_apart_in_time_are_kept(taker: SignatureTaker) -> None:
    for n, quality in enumerate([0.3, 0.9, 0.5, 0.8, 0.85]):
        taker.see([1], looks(50 + 10 * n, quality, at_s=float(n)))
    taker.see([1], looks(200, 0.95, at_s=1.1))  # another look at the best one, not better by much
    taker.end({1: UID}, {UID}, set())
    signature = taker.take()[UID]
    assert sorted(signature.quality.tolist()) == pytest.approx([0.8, 0.85, 0.9])
    assert signature.faces.shape == (FACES_KEPT, ColourEmbedder.width)
    assert signature.face_px.tolist() == [40.0] * FACES_KEPT
    assert taker.take() == {}


def test_clothes_are_the_mean_of_the_moments_that_show_them(taker: SignatureTaker) -> None:
    for shade, at_s in ((40, 0.0), (0, 1.0), (60, 2.0)):  # a black picture shows no torso
        taker.see([1], looks(shade, at_s=at_s))
    taker.end({1: UID}, {UID}, set())
    assert taker.take()[UID].clothes.tolist() == [50.0, 50.0, 50.0]


def test_who_only_wears_clothes_has_a_signature_without_a_face() -> None:
    taker = SignatureTaker(None, ColourClothes())
    taker.see([1], looks(40))
    taker.end({1: UID}, {UID}, set())
    signature = taker.take()[UID]
    assert (len(signature.faces), len(signature.quality), len(signature.clothes)) == (0, 0, 3)


def test_a_held_visit_keeps_its_signature_until_it_comes_or_turns_out_to_be_a_picture(taker: SignatureTaker) -> None:
    other = UUID(int=10)
    taker.see([1, 2], _two(looks(40)))
    taker.end({1: UID, 2: other}, set(), {UID, other})
    assert taker.take() == {}
    taker.end({}, {UID}, {other})
    assert list(taker.take()) == [UID]
    taker.end({}, set(), set())
    taker.end({}, {other}, set())
    assert taker.take() == {}


def test_a_glimpse_leaves_nothing(taker: SignatureTaker) -> None:
    taker.see([1], looks(40))
    taker.end({1: UID}, set(), set())
    taker.end({}, {UID}, set())
    assert taker.take() == {}


def test_a_signature_says_nothing_of_itself_and_can_be_overwritten(taker: SignatureTaker) -> None:
    taker.see([1], looks(40))
    taker.end({1: UID}, {UID}, set())
    signature = taker.take()[UID]
    assert repr(signature) == "Signature(...)"
    overwrite(signature)
    assert not signature.faces.any() and not signature.clothes.any()


def test_the_network_sees_nobody_once_nobody_is_in_view() -> None:
    embedder = ColourEmbedder()
    taker = SignatureTaker(embedder, None)
    taker.see([1, 2], _two(looks(40)))
    taker.end({1: UID}, {UID}, set())
    taker.rest()
    assert embedder.last.any(), "somebody is still in view"
    taker.end({2: UUID(int=10)}, {UUID(int=10)}, set())
    taker.rest()
    assert not embedder.last.any()


def test_every_visit_of_a_recording_comes_with_what_it_looked_like() -> None:
    visits, signatures = _run([*_walk(30), *[wall()] * 40, *_walk(20)])
    assert len(visits) == 2
    assert set(signatures) == {visit.uid for visit in visits}
    assert all(1 <= len(signature.faces) <= FACES_KEPT for signature in signatures.values())


def _two(one: Looks) -> Looks:
    def twice(values: FloatArray) -> FloatArray:
        return np.concatenate([values, values])

    return Looks(one.at, one.image, *(twice(v) for v in (one.boxes, one.landmarks, one.face_px, one.quality)))


def _walk(frames: int) -> list[ImageArray]:
    return [with_faces(wall(), [(20 + 280 * index / frames, 90)], 40) for index in range(frames)]


def _run(images: list[ImageArray]) -> tuple[list[Visit], dict[UUID, Signature]]:
    options = VisitOptions(judgement=JudgementOptions(min_quality=0.0))
    pipeline = Pipeline(
        GreenSquareDetector(),
        Tracker(),
        ConstantJudge(),
        VisitBuilder("door", RUN, options, None, "squares"),
        MinuteCounter("door", RUN),
        signatures=SignatureTaker(ColourEmbedder(), ColourClothes()),
    )
    visits: list[Visit] = []
    signatures: dict[UUID, Signature] = {}
    for index, image in enumerate(images):
        visits += pipeline.process(Frame("door", index, START + timedelta(seconds=index / 10), image))
        signatures |= pipeline.take_signatures()
    visits += pipeline.finish()
    assert pipeline.times.signatures_s > 0
    return visits, signatures | pipeline.take_signatures()
