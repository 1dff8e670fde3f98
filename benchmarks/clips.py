"""Counts the four public clips with the built-in models and compares with what a person sees in them.

    python -m benchmarks.clips [--data ../shared/data] [--out FILE]

No picture is written. `crowd_street` is compared with `benchmarks/crowd_street.py`, a list noted by eye, and its
genders are judged by AgeGenderNet of face-api.js as well, where `peers/` lies beside the data.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

import cv2
import numpy as np

from app.compose import Networks, Run, build_pipeline, load_networks
from benchmarks.chosen import add_networks, settings_with
from benchmarks.crowd_street import PEOPLE, WOMEN, Sighting
from footfall.config import Config
from footfall.errors import DataError
from footfall.types import FloatArray, Gender, Visit
from inference.attributes import AttributeModel
from inference.manifest import resolve_model
from inference.session import OnnxModel, Tensor
from ingest.pipeline import StageTimes
from ingest.sources.kinds import open_source

CAMERA = "clip"
RUN = UUID(int=1)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CROWD, PLAZA = "crowd_street_640x360_30s.mp4", "plaza_walking_720p_14s.mp4"
CUTS, STADIUM = "hamilton_cuts_360p_9s.mp4", "stadium_180faces_720p_8s.mp4"
CUTS_S = (0.67, 2.74, 7.04)
PEER_SIZE_PX = 112
NEAR_S = 0.15
NEAR_FACE_SIZES = 0.8


@dataclass(frozen=True, slots=True)
class Place:
    """A followed face at a moment: seconds after the start, centre in px and size in px."""

    at_s: float
    x: float
    y: float
    face_px: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What the program made of one clip; `paths` are the faces of each visit."""

    frames: int
    size: tuple[int, int]
    visits: tuple[Visit, ...]
    paths: dict[UUID, tuple[Place, ...]]
    faces: int
    times: StageTimes
    processor_s: float


@dataclass(frozen=True, slots=True)
class CrowdScore:
    """How the visits fit the people seen by eye; `elsewhere` are visits of people who are not in the list."""

    people: int
    counted: int
    doubled: int
    elsewhere: int


class PeerNetwork(OnnxModel):
    """AgeGenderNet, which takes float32 NCHW RGB 0-255, asked and read like the built-in network it stands in for."""

    def __init__(self, path: Path, metadata: Mapping[str, str]) -> None:
        super().__init__(path)
        own = {"footfall.name": path.stem, "footfall.version": "", "footfall.input_size": str(PEER_SIZE_PX)}
        self.metadata = {**metadata, **own}

    def run(self, values: Tensor) -> dict[str, Tensor]:
        """Return `p_female` (N,) and `age_probabilities` (N, 101) of uint8 (N, S, S, 3) BGR faces."""
        said = super().run(np.ascontiguousarray(values[..., ::-1].transpose(0, 3, 1, 2), np.float32))
        years = np.clip(np.rint(np.asarray(said["age"], np.float32).reshape(-1)), 0, 100).astype(int)
        return {"p_female": said["gender"][:, 1], "age_probabilities": np.eye(101, dtype=np.float32)[years]}


def count(clip: Path, networks: Networks, config: Config) -> Counted:
    """Run the product over `clip` at its default rate and keep where each visitor was."""
    began = time.process_time()
    source = open_source(CAMERA, config.camera(CAMERA).model_copy(update={"source": str(clip)}), START)
    pipeline = build_pipeline(config, config.camera(CAMERA), networks, Run(CAMERA, RUN, source.size))
    visits, places = list[Visit](), defaultdict[UUID, list[Place]](list)
    seen = pipeline.observation
    for frame in source:
        visits += pipeline.process(frame)
        if pipeline.observation is seen:
            continue
        seen = pipeline.observation
        at_s = (frame.captured_at - START).total_seconds()
        for track in seen.tracks.active:
            if track.detection is not None:
                places[uuid5(RUN, f"{CAMERA}/{track.id}")].append(_place(at_s, track.box))
    visits += pipeline.finish()
    faces = sum(minute.faces for minute in pipeline.finish_minutes())
    processor_s = time.process_time() - began
    source.close()
    paths = {visit.uid: tuple(places[visit.uid]) for visit in visits}
    return Counted(source.decoded, source.size, tuple(visits), paths, faces, pipeline.times, processor_s)


def whose(counted: Counted) -> dict[UUID, str]:
    """Return the person that each visit meets most often; visits that meet nobody in the list are left out."""
    owners = {}
    for uid, path in counted.paths.items():
        meetings = Counter({name: _meetings(path, seen, counted.size) for name, seen in PEOPLE.items()})
        name, most = meetings.most_common(1)[0]
        if most:
            owners[uid] = name
    return owners


def score_crowd(counted: Counted) -> CrowdScore:
    """Return who is counted: a person with a visit is, further visits of theirs are doubles."""
    owners = whose(counted)
    people = len(set(owners.values()))
    return CrowdScore(len(PEOPLE), people, len(owners) - people, len(counted.paths) - len(owners))


def genders_by_eye(counted: Counted) -> dict[str, Counter[Gender]]:
    """Return what the visits of the women and of the men in the list were judged as."""
    owners, judged = whose(counted), {"women": Counter[Gender](), "men": Counter[Gender]()}
    for visit in counted.visits:
        if visit.uid in owners:
            judged["women" if owners[visit.uid] in WOMEN else "men"][visit.gender] += 1
    return judged


def across_cuts(counted: Counted) -> int:
    """Return how many visits live on both sides of a cut."""
    slack_s = 0.12
    spans = [((v.entered_at - START).total_seconds(), (v.left_at - START).total_seconds()) for v in counted.visits]
    return sum(any(first < cut - slack_s and last > cut + slack_s for cut in CUTS_S) for first, last in spans)


def report(results: dict[str, Counted], peer: Counted | None = None) -> str:
    """Return the figures as Markdown; `peer` is `crowd_street` with the genders that the peer says."""
    crowd = score_crowd(results[CROWD])
    lines = [
        f"- `crowd_street`: {crowd.counted} of {crowd.people} people seen by eye are counted; {crowd.doubled} double "
        f"counts ({crowd.doubled / crowd.people:.0%}); {crowd.elsewhere} further visits, of people out of focus "
        f"behind them or of nobody",
        f"- gender of these people's visits: {_judged(results[CROWD])}",
        *([] if peer is None else [f"- the same visits, judged by the peer faceapi_age_gender: {_judged(peer)}"]),
        f"- `plaza_walking`: {len(results[PLAZA].visits)} visits; judged: "
        f"{_genders(Counter(visit.gender for visit in results[PLAZA].visits))}",
        f"- `hamilton_cuts`: {len(results[CUTS].visits)} visits, {across_cuts(results[CUTS])} of them across a cut",
        f"- `stadium`: {results[STADIUM].faces / max(results[STADIUM].times.detected, 1):.0f} faces a detected frame, "
        f"{len(results[STADIUM].visits)} visits",
        "",
        "| clip | frames | detected | visits | ms of processor time a detected frame: detect | track | attributes "
        "| all, ms a frame of the file |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in results.items():
        looks = max(one.times.detected, 1)
        stages = " | ".join(
            f"{1000 * getattr(one.times, f'{s}_s') / looks:.1f}" for s in ("detect", "track", "attributes")
        )
        whole_ms = 1000 * one.processor_s / one.frames
        lines.append(f"| {name} | {one.frames} | {looks} | {len(one.visits)} | {stages} | {whole_ms:.1f} |")
    return "\n".join(lines) + "\n"


def _judged(counted: Counted) -> str:
    return "; ".join(f"{people} {_genders(as_what)}" for people, as_what in genders_by_eye(counted).items())


def _place(at_s: float, box: FloatArray) -> Place:
    left, top, right, bottom = (float(value) for value in box)
    return Place(
        at_s, (left + right) / 2, (top + bottom) / 2, float(np.sqrt(max((right - left) * (bottom - top), 0.0)))
    )


def _meetings(path: Sequence[Place], seen: Sequence[Sighting], size: tuple[int, int]) -> int:
    """Return at how many of the sightings the visit was there."""
    return sum(any(_meets(place, sighting, size) for place in path) for sighting in seen)


def _meets(place: Place, sighting: Sighting, size: tuple[int, int]) -> bool:
    distance_px = np.hypot(place.x - sighting.x * size[0], place.y - sighting.y * size[1])
    return abs(place.at_s - sighting.at_s) <= NEAR_S and bool(distance_px <= NEAR_FACE_SIZES * place.face_px)


def _genders(counts: Counter[Gender]) -> str:
    return ", ".join(f"{counts[gender]} {gender}" for gender in Gender)


def main() -> None:
    """Count the clips and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("FOOTFALL_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=default, help="folder that holds clips/")
    add_networks(parser)
    parser.add_argument("--out", type=Path, help="also write the report here")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    config = settings_with(given, CAMERA)
    networks = load_networks(config, config.camera(CAMERA))
    results = {}
    for name in (CROWD, PLAZA, CUTS, STADIUM):
        clip = given.data / "clips" / name
        if not clip.is_file():
            raise DataError(f"{clip}: not there; name the data folder with --data or FOOTFALL_DATA")
        results[name] = count(clip, networks, config)
    peer_file = given.data.parent / "peers" / "faceapi_age_gender.onnx"
    peer = None
    if peer_file.is_file():
        judge = AttributeModel(PeerNetwork(peer_file, OnnxModel(resolve_model("built-in", "demographics")).metadata))
        peer = count(given.data / "clips" / CROWD, Networks(networks.detector, judge), config)
    text = report(results, peer)
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
