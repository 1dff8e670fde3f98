"""How many threads the program has before it does anything."""

from __future__ import annotations

import os
import subprocess
import sys


def threads(**environment: str) -> int:
    """Return how many threads `footfall` has when it begins, and who runs it says nothing of them but `environment`."""
    code = "from app.cli import main; import psutil; print(psutil.Process().num_threads())"
    unset = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**unset, **environment}, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_matrix_products_of_the_program_have_no_threads_of_their_own() -> None:
    assert threads() == threads(OPENBLAS_NUM_THREADS="1")
