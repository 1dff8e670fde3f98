"""The same answers on an emulated processor with AVX2 and without VNNI, where inexact 8-bit kernels saturate."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inference.manifest import BUILT_IN_DIRECTORY
from inference.selfcheck import write_check
from tests.missing import missing
from tests.unit.inference.small_networks import write_small_network

AVX2_ONLY = "Haswell-v4"
CHECK = """
import sys
from pathlib import Path
import onnxruntime
from footfall.errors import ModelError
from inference.selfcheck import require_agreement

exact = onnxruntime.SessionOptions

class AsOnnxRuntimeDoesByItself(exact):
    def add_session_config_entry(self, key, value):
        if key != "session.x64quantprecision":
            super().add_session_config_entry(key, value)

for arithmetic, model in zip(sys.argv[1::2], sys.argv[2::2]):
    onnxruntime.SessionOptions = exact if arithmetic == "exact" else AsOnnxRuntimeDoesByItself
    try:
        require_agreement(Path(model))
        print("agrees")
    except ModelError as error:
        print("refused:", error)
"""


@pytest.fixture
def emulator() -> str:
    if platform.machine() != "x86_64":
        pytest.skip("emulates one x86-64 processor on another")
    found = shutil.which("qemu-x86_64")
    return found or missing("qemu-x86_64 is missing; `apt install qemu-user`")


def checked_on_avx2(emulator: str, *checks: tuple[str, Path]) -> list[str]:
    """Return what the self-check says on the emulated processor, for each pair of arithmetic and model."""
    arguments = [str(part) for check in checks for part in check]
    done = subprocess.run(
        [emulator, "-cpu", AVX2_ONLY, sys.executable, "-c", CHECK, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(item for item in sys.path if item)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_networks_answer_there_as_here_and_it_would_be_noticed_if_not(emulator: str, tmp_path: Path) -> None:
    """The shipped ones, and one of eight bits, whose products saturate there when they are computed inexactly.

    One emulated process for all: to load its libraries takes it longest.
    """
    shipped = [("exact", BUILT_IN_DIRECTORY / f"{kind}.onnx") for kind in ("detector", "demographics")]
    model = write_small_network(tmp_path / "small.onnx", eight_bit=True)
    write_check(model)
    *as_programmed, by_itself = checked_on_avx2(emulator, *shipped, ("exact", model), ("inexact", model))
    assert as_programmed == ["agrees"] * 3
    assert by_itself.startswith(f"refused: {model}: this computer computes the network otherwise"), by_itself
