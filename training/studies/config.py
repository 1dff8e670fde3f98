"""What one run of a study is told, from a TOML file."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from footfall.errors import DataError

Task = Literal["age", "gender", "both"]


@dataclass(frozen=True, slots=True)
class StudyConfig:
    """One run: which network learns what from which pictures, and for how long.

    `binning` names the age classes (training/studies/binnings.py), or "regression" for years as a number;
    `youngest_years` and `oldest_years` bound the faces that are used. `unfrozen_blocks` counts the last blocks of a
    transfer network that learn, -1 all of them; `pretrained` is a path to weights or "library" for the library's own
    cache, and empty for random weights. `patience` epochs without a better validation loss end the run. `bfloat16`
    computes convolutions in 16 bits: twice as fast on a processor with avx512_bf16, slower on others.
    """

    name: str = "run"
    network: str = "base"
    task: Task = "age"
    binning: str = "10-years"
    colour: bool = True
    input_px: int = 48
    youngest_years: int = 0
    oldest_years: int = 116
    epochs: int = 12
    patience: int = 4
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    unfrozen_blocks: int = -1
    pretrained: str = ""
    seed: int = 1
    validation_share: float = 0.06
    faces: int = 0
    bfloat16: bool = False

    def __post_init__(self) -> None:
        if self.task not in ("age", "gender", "both"):
            raise DataError(f"study {self.name}: task is age, gender or both, not {self.task!r}")
        if min(self.epochs, self.batch_size, self.input_px, self.patience) < 1:
            raise DataError(f"study {self.name}: epochs, patience, batch_size and input_px must be at least 1")

    @property
    def regression(self) -> bool:
        """Whether age is learnt as a number of years."""
        return self.task != "gender" and self.binning == "regression"


def read_studies(path: Path) -> list[StudyConfig]:
    """Return the runs of a TOML file: each [[run]] table, and each cell of [grid], over the shared values above it.

    A grid gives a list to each of several settings and means every combination; a run is named after its values.

    Raises:
        DataError: the file is missing or malformed, or a key is unknown; the message names it.
    """
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: {error}") from None
    grid = values.pop("grid", {})
    runs = values.pop("run", [] if grid else [{}])
    if not all(isinstance(choices, list) for choices in grid.values()):
        raise DataError(f"{path}: [grid] takes a list of values for each setting")
    runs += [_cell(dict(zip(grid, chosen, strict=True))) for chosen in itertools.product(*grid.values()) if grid]
    known = {field.name for field in fields(StudyConfig)}
    unknown = sorted({key for table in (values, *runs) for key in table} - known)
    if unknown:
        raise DataError(f"{path}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    shared = StudyConfig(**values)
    studies = [replace(shared, **run) for run in runs]
    names = [study.name for study in studies]
    if len(set(names)) != len(names):
        raise DataError(f"{path}: two runs share a name; each [[run]] needs its own")
    return studies


def _cell(chosen: dict[str, Any]) -> dict[str, Any]:
    words = {"colour": {True: "colour", False: "grey"}}
    name = "-".join(str(words.get(key, {}).get(value, value)) for key, value in chosen.items())
    return {"name": name, **chosen}
