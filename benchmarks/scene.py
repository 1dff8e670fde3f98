"""Counts sample scenes with the product and with a hand-written baseline, and prints both beside the truth.

    python -m benchmarks.scene [--seeds 1 2 3] [--people 60] [--per-minute 40] [--json FILE]
    python -m benchmarks.scene --size 1920x1080 --lens 0.6 --without-baseline      # small faces in a large picture

Speed is frames for each second of processor time, decoding included, so that other work on the machine does not
change it; both run in one thread.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid5

import cv2
import numpy as np

import app.demo
from app.compose import Networks, Run, build_pipeline, load_networks
from app.demo.scene import SceneOptions, SceneTruth, plan, render, settings_text
from app.demo.settings import BEGINS_AT
from app.demo.truth import VISIBLE_SHARE
from benchmarks.chosen import add_networks, settings_with
from benchmarks.scene_baseline import HandWrittenCounter
from benchmarks.scene_score import BoxLog, CountedVisit, SceneScore, score_scene
from footfall.config import Config, load_config
from footfall.types import Visit
from ingest.recording import identify_recording
from ingest.sources.kinds import open_source

CAMERA = "entrance"
CACHE = Path(".cache/scenes")
DRAWING_MODULES = ("backdrop", "bodies", "faces", "geometry", "heads", "render", "sprites", "walkers", "walks")


@dataclass(frozen=True, slots=True)
class SceneResult:
    """One scene counted by one program."""

    seed: int
    program: str
    score: SceneScore
    frames_per_cpu_s: float


def rendered(options: SceneOptions, cache: Path = CACHE) -> tuple[Path, SceneTruth]:
    """Return the scene's footage, rendered unless it is there already, and its truth."""
    truth = plan(options)
    cache.mkdir(parents=True, exist_ok=True)
    video = cache / f"scene-{options.seed}-{_fingerprint(options)}.mp4"
    if not video.exists():
        render(options, video)
    return video, truth


def _fingerprint(options: SceneOptions) -> str:
    """Return a name that changes with the options, the program that draws the scene and its faces."""
    whole = hashlib.sha256(repr(options).encode())
    package = Path(app.demo.__file__).parent
    drawing = [package / f"{name}.py" for name in DRAWING_MODULES]
    for file in [*drawing, *sorted(package.glob("assets/*"))]:
        whole.update(file.read_bytes())
    return whole.hexdigest()[:12]


def size_of(text: str) -> tuple[int, int]:
    """Return width and height, px, of a text such as 1920x1080."""
    width, height = (int(side) for side in text.split("x"))
    return width, height


def face_widths(truth: SceneTruth) -> str:
    """Return how wide the faces of a scene are in its pictures, in words."""
    widths = [
        [face.box[2] - face.box[0] for face in person.faces if face.visible >= VISIBLE_SHARE] for person in truth.people
    ]
    low, high = np.percentile(np.concatenate(widths), (25, 75))
    smallest = min(max(one) for one in widths)
    return (
        f"Faces of seed {truth.seed}: half of them {low:.0f} to {high:.0f} px wide; who is seen from farthest away, "
        f"{smallest:.0f} px at most."
    )


def settings_for(truth: SceneTruth, video: Path) -> Config:
    """Return the settings that the scene itself suggests, as read from a file."""
    path = video.with_suffix(".toml")
    path.write_text(settings_text(truth, video, CAMERA), encoding="utf-8")
    return load_config(path)


def count_with_product(
    video: Path, truth: SceneTruth, config: Config, networks: Networks
) -> tuple[list[CountedVisit], BoxLog, float]:
    """Return the visits, whose the tracks were, and frames for each second of processor time."""
    log, visits, tracks = BoxLog(truth), list[Visit](), set[int]()
    run = identify_recording(CAMERA, video).run
    began = time.process_time()
    source = open_source(CAMERA, config.camera(CAMERA), BEGINS_AT)
    pipeline = build_pipeline(config, config.camera(CAMERA), networks, Run(CAMERA, run, source.size))
    first_at, noted = None, pipeline.observation
    for frame in source:
        first_at = first_at or frame.captured_at
        visits += pipeline.process(frame)
        if pipeline.observation is not noted:
            noted = pipeline.observation
            number = round((frame.captured_at - first_at).total_seconds() * truth.fps)
            seen = [track for track in noted.tracks.active if track.detection is not None]
            log.note(number, [(track.id, track.box) for track in seen])
            tracks.update(track.id for track in seen)
    visits += pipeline.finish()
    elapsed_s = time.process_time() - began
    source.close()
    track_of = {uuid5(run, f"{CAMERA}/{track}"): track for track in tracks}
    counted = [CountedVisit(track_of[visit.uid], visit.gender, visit.age_years, visit.direction) for visit in visits]
    return counted, log, truth.frames / elapsed_s


def compare(options: SceneOptions, networks: Networks, baseline: HandWrittenCounter | None) -> list[SceneResult]:
    """Count one scene with both programs."""
    video, truth = rendered(options)
    config = settings_for(truth, video)
    visits, log, speed = count_with_product(video, truth, config, networks)
    results = [SceneResult(options.seed, "product", score_scene(truth, visits, log), speed)]
    if baseline is not None:
        log = BoxLog(truth)
        began = time.process_time()
        visits, frames = baseline.count(video, log.note)
        speed = frames / (time.process_time() - began)
        results.append(SceneResult(options.seed, "by hand", score_scene(truth, visits, log), speed))
    return results


def table(results: Sequence[SceneResult]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| seed | program | people | visits | off by | missed | counted twice | ghosts "
        "| gender right | direction right | age error | frames/s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        one = result.score
        gender = "-" if one.gender_share is None else f"{one.gender_right}/{one.gender_judged} ({one.gender_share:.1%})"
        direction = f"{one.direction_right}/{one.direction_judged}" if one.direction_judged else "-"
        age = "-" if one.age_error_years is None else f"{one.age_error_years:.1f} years"
        lines.append(
            f"| {result.seed} | {result.program} | {one.people} | {one.visits} | {one.counting_error:.1%} "
            f"| {len(one.missed)} | {one.doubled} | {one.ghosts} | {gender} | {direction} | {age} "
            f"| {result.frames_per_cpu_s:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--per-minute", type=float, default=40.0)
    parser.add_argument("--fps", type=int, default=15)
    parser.add_argument("--size", type=size_of, default=(1280, 720), help="of the picture, such as 1920x1080")
    parser.add_argument("--lens", type=float, default=1.0, help="below 1 for a wider view with smaller faces")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with models/ and peers/")
    add_networks(parser)
    parser.add_argument("--without-baseline", action="store_true")
    parser.add_argument("--json", type=Path, help="also write the results here")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    baseline = None if given.without_baseline else HandWrittenCounter(given.shared)
    config = settings_with(given, CAMERA)
    networks = load_networks(config, config.camera(CAMERA))
    results: list[SceneResult] = []
    for seed in given.seeds:
        options = SceneOptions(
            seed=seed,
            people=given.people,
            people_per_minute=given.per_minute,
            fps=given.fps,
            size=given.size,
            lens=given.lens,
        )
        print(face_widths(plan(options)))
        results += compare(options, networks, baseline)
    print(f"\n{table(results)}")
    if given.json:
        given.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
