"""Asks whether the same faces and the same footage give the same people on another processor.

    python -m benchmarks.processors [--every 20] [--cpu Haswell-v4] [--out FILE]

Needs `qemu-x86_64` (Debian: qemu-user), which emulates a processor with AVX2 and without VNNI; `--cpu ""` leaves it
out. The built-in demographics network judges every so-many-th validation face: by the program's arithmetic, as ONNX
Runtime does by itself, and as the reference, without graph optimisation. A small sample scene is counted on both.
Its first frames and the noise of the self-check are resized and aligned on both, and on one with SSE alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime

from app.compose import Footage, count_recording, load_networks
from app.demo.scene import SceneOptions, render
from footfall.config import Config
from footfall.config_sections import CameraConfig
from inference.alignment import align_face
from inference.attributes import AttributeModel
from inference.check_pictures import check_pictures
from inference.manifest import resolve_model
from inference.processor import processor_name
from inference.session import RUNTIME, OnnxModel
from ingest.recording import RecordingIdentity, identify_recording
from ingest.sources.kinds import open_source

BY_ITSELF, EXACT, REFERENCE = "as ONNX Runtime does by itself", "exact, as the program does", "not optimised"
EXACT_KEY = "session.x64quantprecision"
OLD_CPU = "Nehalem"
"""SSE alone."""
FACE = np.array([[210.3, 90.7], [290.1, 88.2], [252.4, 133.9], [220.8, 180.4], [283.5, 181.2]], np.float32)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SCENE = SceneOptions(seed=4, people=3, people_per_minute=30, size=(640, 360), fps=10, backs_share=0.0)


class ByItself(onnxruntime.SessionOptions):  # type: ignore[misc]
    """Session options to which the program's wish for exact sums means nothing."""

    def add_session_config_entry(self, key: str, value: str) -> None:
        """Take every entry over but that wish."""
        if key != EXACT_KEY:
            super().add_session_config_entry(key, value)


def judge(faces: Path, arithmetic: str, target: Path) -> None:
    """Write what the built-in network says of `faces`: probability of being female, expected age in years."""
    if arithmetic == BY_ITSELF:
        onnxruntime.SessionOptions = ByItself
    path = resolve_model("built-in", "demographics")
    said = AttributeModel(OnnxModel(path, optimised=arithmetic != REFERENCE)).predict_aligned(np.load(faces))
    with target.open("wb") as stream:
        np.save(stream, np.array([[one.p_female, one.age_years] for one in said], np.float64))


def count(footage: Path, target: Path) -> None:
    """Write the visits that the program counts in `footage`."""
    camera = CameraConfig(source=str(footage))
    config = Config.model_validate({"cameras": {"door": camera}})
    identity: RecordingIdentity = identify_recording("door", footage)
    processed, _ = count_recording(config, Footage(identity, camera, footage, START), load_networks(config, camera))
    rows = [
        {
            "entered_at": visit.entered_at.isoformat(),
            "left_at": visit.left_at.isoformat(),
            "direction": visit.direction.value,
            "gender": visit.gender.value,
            "age_group": visit.age_group,
            "age_years": visit.age_years,
            "p_female": visit.p_female,
        }
        for visit in processed.visits
    ]
    target.write_text(json.dumps(rows))


def look(footage: Path, target: Path) -> None:
    """Write the first frames of `footage` and two pictures of noise, and what a network is shown of them."""
    source = islice(open_source("door", CameraConfig(source=str(footage))), 3)
    pictures = [*(frame.image for frame in source), *check_pictures(2, SCENE.size[1], SCENE.size[0])]
    template = np.array([[0.34, 0.46], [0.66, 0.46], [0.5, 0.64], [0.37, 0.82], [0.63, 0.82]], np.float32)
    made = {
        "decoded": np.stack(pictures),
        "halved": np.stack([cv2.resize(one, (320, 180), interpolation=cv2.INTER_AREA) for one in pictures]),
        "fitted": np.stack([cv2.resize(one, (600, 337), interpolation=cv2.INTER_LINEAR) for one in pictures]),
        "aligned": np.stack([align_face(one, FACE, template, 96) for one in pictures]),
    }
    with target.open("wb") as stream:
        np.savez(stream, **made)  # type: ignore[arg-type]


def run_part(cpu: str, *arguments: str | Path) -> None:
    """Run one part of this program in a process of its own, on the emulated `cpu` or, empty, on this processor."""
    emulator = ["qemu-x86_64", "-cpu", cpu] if cpu else []
    command = [*emulator, sys.executable, "-m", "benchmarks.processors", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")


def faces_report(folder: Path, every: int, cpu: str) -> str:
    """Return the table of judgements by processor and arithmetic."""
    from training.data.archive import find_archives
    from training.demographics.photographs import read_crops

    crops, truth = read_crops(find_archives("utkface-val.tar"))
    years, female = truth.youngest_years[::every], truth.female[::every]
    np.save(folder / "faces.npy", crops[::every])
    runs = [("", REFERENCE), ("", EXACT), ("", BY_ITSELF), *([(cpu, EXACT), (cpu, BY_ITSELF)] if cpu else [])]
    said: list[Any] = []
    for number, (on, arithmetic) in enumerate(runs):
        target = folder / f"{number}.npy"
        run_part(on, "--judge", folder / "faces.npy", "--arithmetic", arithmetic, "--part-out", target)
        said.append(np.load(target))
    lines = [
        "| processor | arithmetic | age error, years | gender right, % | years from the reference: mean, most "
        "| points of gender from it: mean, most | judged another gender |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (on, arithmetic), answers in zip(runs, said, strict=True):
        apart = np.abs(answers - said[0])
        right = 100 * ((answers[:, 0] > 0.5) == female)[female >= 0].mean()
        other = int(((answers[:, 0] > 0.5) != (said[0][:, 0] > 0.5)).sum())
        lines.append(
            f"| {f'{on} (emulated)' if on else 'this one'} | {arithmetic} | {np.abs(answers[:, 1] - years).mean():.2f} "
            f"| {right:.1f} | {apart[:, 1].mean():.3f}, {apart[:, 1].max():.2f} "
            f"| {100 * apart[:, 0].mean():.2f}, {100 * apart[:, 0].max():.1f} | {other} |"
        )
    return f"{len(years)} of {len(crops)} validation faces.\n\n" + "\n".join(lines)


def scene_report(folder: Path, cpu: str) -> str:
    """Return how the counts of one small scene differ between this processor and the emulated one."""
    footage = folder / "scene.mp4"
    truth = render(SCENE, footage)
    for name, on in (("here", ""), ("there", cpu)):
        run_part(on, "--count", footage, "--part-out", folder / f"{name}.json")
    here, there = (json.loads((folder / f"{name}.json").read_text()) for name in ("here", "there"))
    told = ("entered_at", "left_at", "direction", "gender", "age_group")
    same = [{key: one[key] for key in told} for one in here] == [{key: one[key] for key in told} for one in there]
    apart = [
        max((abs((one[key] or 0) - (other[key] or 0)) for one, other in zip(here, there, strict=False)), default=0.0)
        for key in ("age_years", "p_female")
    ]
    return (
        f"The scene of {truth.frames} frames: {len(here)} visits here, {len(there)} on {cpu} (emulated); times, ways, "
        f"genders and age groups {'are the same' if same else 'differ'}; at most {apart[0]:.3f} years and "
        f"{100 * apart[1]:.2f} points of gender apart."
    )


def pictures_report(folder: Path, cpu: str) -> str:
    """Return how decoded, resized and aligned pictures differ between processors."""
    footage, lines = folder / "scene.mp4", list[str]()
    for name in ("", cpu, OLD_CPU):
        run_part(name, "--look", footage, "--part-out", folder / f"pictures{name}.npz")
    here = np.load(folder / "pictures.npz")
    for name in (cpu, OLD_CPU):
        there = np.load(folder / f"pictures{name}.npz")
        apart = {key: np.abs(there[key].astype(np.int16) - here[key]) for key in here}
        told = [
            f"{key} {100 * (one > 0).mean():.3f} % by at most {one.max()}" for key, one in apart.items() if one.any()
        ]
        lines.append(f"Values that differ on {name} (emulated): {', '.join(told) or 'none'}.")
    return "\n".join(lines)


def main() -> None:
    """Measure and print the report, or run one part of it for `run_part`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=20, help="judge every so-many-th validation face")
    parser.add_argument("--cpu", default="Haswell-v4", help="processor to emulate; empty: none")
    parser.add_argument("--out", type=Path, help="also write the report here")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--arithmetic", default=EXACT, help=argparse.SUPPRESS)
    parser.add_argument("--look", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part-out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.judge:
        return judge(given.judge, given.arithmetic, given.part_out)
    if given.look:
        return look(given.look, given.part_out)
    if given.count:
        return count(given.count, given.part_out)
    with tempfile.TemporaryDirectory() as scratch:
        parts = [f"{RUNTIME} on {processor_name()}.", faces_report(Path(scratch), given.every, given.cpu)]
        print("\n\n".join(parts), flush=True)
        if given.cpu:  # emulation takes minutes
            for report in (scene_report, pictures_report):
                parts.append(report(Path(scratch), given.cpu))
                print(f"\n{parts[-1]}", flush=True)
    if given.out:
        given.out.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
