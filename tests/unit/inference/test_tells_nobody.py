"""What the library that computes networks does besides: it would tell its maker of each start, model and computer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMPUTE = """
import sys
from pathlib import Path
from inference.session import OnnxModel
OnnxModel(Path(sys.argv[1]))
print(len(list(Path('/proc/self/task').iterdir())))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted through /proc")
def test_a_loaded_network_leaves_no_file_and_no_thread_that_could_tell_anybody(tmp_path: Path) -> None:
    environment = {  # with CI=... the library keeps quiet by itself
        "HOME": str(tmp_path),
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *(item for item in sys.path if item)]),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", COMPUTE, str(ROOT / "inference" / "models" / "detector.onnx")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert [path.name for path in tmp_path.rglob("*")] == []
    assert int(done.stdout) == 1
