"""Damaged recordings never crash or hang the program: they are read as far as they go, or refused in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.ingest.footage import wall, with_faces, write_video

LIMIT_S = 1800
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "cases", [pytest.param(120, id="short"), pytest.param(5_000, id="long", marks=pytest.mark.soak)]
)
def test_damaged_recordings_are_read_or_refused(tmp_path: Path, cases: int) -> None:
    images = [with_faces(wall(seed=index // 8), [(10 + 5 * index, 90)]) for index in range(40)]
    originals = [
        write_video(tmp_path / "index-first.mp4", images, options={"movflags": "faststart"}),
        write_video(tmp_path / "index-last.mp4", images),
        write_video(tmp_path / "stream.ts", images),
        write_video(tmp_path / "matroska.mkv", images),
        write_video(tmp_path / "interleaved.avi", images),
    ]
    names = ",".join(str(path) for path in originals)
    command = [sys.executable, "-m", "tests.integration.ingest.fuzz_sources", str(tmp_path), names, str(cases)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    last_case = finished.stderr.strip().splitlines()[-12:]
    assert finished.returncode == 0, f"ended with {finished.returncode} at: {last_case}"
    counts = json.loads(finished.stdout)
    assert counts["read"] + counts["refused"] == cases
    assert counts["refused"] > cases // 24
    assert counts["damaged"] > cases // 6
    print(f"\n{cases} damaged recordings: {counts}")
