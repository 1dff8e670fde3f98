"""Wires the parts together as the settings say: the only place that knows all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from footfall.config import Config
from footfall.config_sections import CameraConfig
from footfall.errors import ModelError
from footfall.types import Frame, PictureState, Recording
from inference import (
    AttributeModel,
    EmbeddingModel,
    FaceDetector,
    clothing_signature,
    load_attributes,
    load_detector,
    load_embedding,
)
from inference.manifest import Kind, resolve_model
from inference.selfcheck import Agreement, require_agreement
from ingest.looking import CloseLook, LookingOptions
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline, PipelineOptions, always_usable
from ingest.recording import ProcessedRecording, Progress, RecordingIdentity, process_recording
from ingest.signatures import ClothesReader, SignatureTaker
from ingest.sources.kinds import open_source
from ingest.wholeness import announced_end, is_cut
from reid.pair_model import load_pair_model
from tracking import CountingLine, JudgementOptions, Tracker, TrackerOptions, VisitBuilder, VisitOptions
from tracking.stillness import KnownPictures

BELOW_SURE = 0.01


@dataclass(frozen=True, slots=True)
class Networks:
    """The networks, loaded once and shared by every pipeline of a process.

    `embedding` and `clothes` are there when the settings compare visits by faces or by clothes.
    """

    detector: FaceDetector
    attributes: AttributeModel
    embedding: EmbeddingModel | None = None
    clothes: ClothesReader | None = None

    @property
    def version(self) -> str:
        """Which networks judged, as it is stored with each visit."""
        return f"{self.detector.model_version}+{self.attributes.model_version}"

    def signatures(self) -> SignatureTaker | None:
        """Return what gathers looks for one pipeline, or None when visits are not compared."""
        return None if self.clothes is None else SignatureTaker(self.embedding, self.clothes)


def check_networks(config: Config) -> list[Agreement]:
    """Return how well this computer computes each network that the settings name; takes a fraction of a second.

    Raises:
        ModelError: it computes one otherwise than the network's reference says, a model file is missing or damaged, or
            the embedding network is not that of the calibration of pairs.
    """
    named: list[tuple[Kind, str]] = [("detector", config.detector.model), ("demographics", config.attributes.model)]
    if config.reid.mode == "faces":
        named.append(("embedding", config.reid.model))
        _require_calibrated(config.reid.model)
    return [require_agreement(resolve_model(model, kind)) for kind, model in named]


def _require_calibrated(model: str) -> None:
    """Refuse an embedding network whose scores nobody measured: every judgement would rest on another network's."""
    network, calibrated = load_embedding(model).model_version, load_pair_model().network
    if network != calibrated:
        raise ModelError(
            f'reid.model: pairs of visits were measured with {calibrated}, not with {network}; set model = "built-in", '
            "or calibrate anew with `python -m training.embedding.pairs --model NAME` (docs/models.md)"
        )


def load_networks(config: Config, camera: CameraConfig, *, checked: bool = False) -> Networks:
    """Load the networks that the settings name, after `check_networks` unless the program has `checked` them.

    Raises:
        ModelError: a model file is missing, damaged or of the wrong kind, or this computer computes it wrongly.
    """
    if not checked:
        check_networks(config)
    detector = load_detector(
        config.detector.model, working_size=camera.working_size, min_score=config.detector.weak_score
    )
    mode = config.reid.mode
    return Networks(
        detector,
        load_attributes(config.attributes.model),
        load_embedding(config.reid.model) if mode == "faces" else None,
        None if mode == "off" else clothing_signature,
    )


def visit_options(config: Config) -> VisitOptions:
    """Return what makes a track a visit, and how it is judged."""
    visits, attributes = config.visits, config.attributes
    return VisitOptions(
        min_duration_s=visits.min_duration_s,
        min_hits=visits.min_hits,
        static_after_s=visits.static_after_s,
        judgement=JudgementOptions(
            gender_min_face_px=attributes.gender_min_face_px,
            age_min_face_px=attributes.age_min_face_px,
            min_quality=attributes.min_quality,
            min_gender_confidence=attributes.min_gender_confidence,
            gender_from_age_years=attributes.gender_from_age_years,
            faces_per_visit=attributes.faces_per_visit,
            age_group_starts=config.report.age_group_starts,
        ),
    )


def tracker_options(config: Config) -> TrackerOptions:
    """Return how faces are followed."""
    detector, visits = config.detector, config.visits
    return TrackerOptions(
        high_score=detector.min_score,
        low_score=detector.weak_score,
        sure_score=visits.sure_score,
        max_gap_s=visits.max_gap_s,
    )


def looking_options(config: Config) -> LookingOptions:
    """Return how frames are looked at: a narrow look alone makes no face sure, whatever is called sure.

    It always shows that somebody is still there, with `weak_score`.
    """
    usual, below_sure = LookingOptions(), config.visits.sure_score - BELOW_SURE
    return replace(usual, narrow_score=max(config.detector.weak_score, min(usual.narrow_score, below_sure)))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one camera: `run` is in every uid, `size` the frame's width and height in pixels.

    A live run passes the present as `now`, from which lag follows, what judges the picture, and the posters that runs
    before it found.
    """

    camera_id: str
    run: UUID
    size: tuple[int, int]
    now: Callable[[], datetime] | None = None
    judge_picture: Callable[[Frame], PictureState] = always_usable
    pictures: KnownPictures = field(default_factory=KnownPictures)


def build_pipeline(config: Config, camera: CameraConfig, networks: Networks, run: Run) -> Pipeline:
    """Return the way from frames to visits for one camera."""
    width, height = run.size
    line = None
    if camera.line is not None:
        (x1, y1), (x2, y2) = camera.line
        line = CountingLine((x1 * width, y1 * height), (x2 * width, y2 * height))
    return Pipeline(
        networks.detector,
        Tracker(tracker_options(config)),
        networks.attributes,
        VisitBuilder(run.camera_id, run.run, visit_options(config), line, networks.version, run.pictures),
        MinuteCounter(run.camera_id, run.run, run.now),
        PipelineOptions(
            min_score=config.detector.min_score,
            gender_min_face_px=config.attributes.gender_min_face_px,
            ignore=camera.ignore,
        ),
        judge_picture=run.judge_picture,
        close_look=CloseLook(networks.detector, looking_options(config)) if camera.working_size == "auto" else None,
        signatures=networks.signatures(),
    )


@dataclass(frozen=True, slots=True)
class Footage:
    """A recording to be processed: which one, by which camera's settings, and when it began (None: as it says)."""

    identity: RecordingIdentity
    camera: CameraConfig
    path: Path
    started_at: datetime | None


def count_recording(
    config: Config, footage: Footage, networks: Networks, progress: Progress | None = None
) -> tuple[ProcessedRecording, Pipeline]:
    """Process one recording from beginning to end; nothing is stored.

    Returns what it gave, and the pipeline for its stage times.

    Raises:
        SourceError: it cannot be opened, or holds no picture.
    """
    camera_id = footage.identity.camera_id
    camera = footage.camera.model_copy(update={"source": str(footage.path)})
    source = open_source(camera_id, camera, footage.started_at)
    try:
        pipeline = build_pipeline(config, camera, networks, Run(camera_id, footage.identity.run, source.size))
        processed = process_recording(source, pipeline, footage.identity, networks.version, progress)
        return replace(processed, is_cut=is_cut(source, footage.path)), pipeline
    finally:
        source.close()


def announced(footage: Footage) -> Recording:
    """Return the recording as its file announces it: begin and end are known before it is decoded.

    Raises:
        SourceError: it cannot be opened, or holds no picture.
    """
    identity = footage.identity
    camera = footage.camera.model_copy(update={"source": str(footage.path)})
    source = open_source(identity.camera_id, camera, footage.started_at)
    try:
        return Recording(
            camera_id=identity.camera_id,
            sha256=identity.sha256,
            name=identity.name,
            started_at=source.started_at,
            ended_at=announced_end(source),
            frames=0,
            frames_damaged=0,
            model_version="",
            length=identity.length,
        )
    finally:
        source.close()
