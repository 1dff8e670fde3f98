"""Arrays in a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt


def write_arrays(path: Path, arrays: Mapping[str, npt.ArrayLike]) -> None:
    """Write `arrays` to `path` (.npz) so that an interruption leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, allow_pickle=False, **{name: np.asarray(values) for name, values in arrays.items()})
    unfinished.replace(path)
