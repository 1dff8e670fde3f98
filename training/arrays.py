"""Arrays in a file, whole or not at all, and data classes whose every field is an array of as many rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Table = TypeVar("Table", bound="DataclassInstance")


def write_arrays(path: Path, arrays: Mapping[str, npt.ArrayLike]) -> None:
    """Write `arrays` to `path` (.npz) so that an interruption leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, allow_pickle=False, **{name: np.asarray(values) for name, values in arrays.items()})
    unfinished.replace(path)


def kept(path: Path, kind: type[Table], make: Callable[[], Table]) -> Table:
    """Return what `make` returns, a `kind` of arrays, from `path` (.npz) once it was written there."""
    if not path.exists():
        made = make()
        write_arrays(path, {part.name: getattr(made, part.name) for part in fields(made)})
    with np.load(path) as stored:
        return kind(*(stored[part.name] for part in fields(kind)))


def select_rows(table: Table, rows: npt.NDArray[Any]) -> Table:
    """Return the rows of all arrays of `table` at `rows`, numbers (in that order) or a mask."""
    return type(table)(*(getattr(table, part.name)[rows] for part in fields(table)))
