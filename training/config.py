"""What every training of a face network is told, read from TOML; what the file leaves out keeps its default."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from footfall.errors import ConfigError
from training.augment import AugmentOptions

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One run. `sizes_px` and `epochs` belong together: so many epochs at each picture size, in that order.

    `sets` are the data sets and `shares` how much of each one epoch has. `bfloat16` computes convolutions in 16 bits:
    twice as fast on a processor with avx512_bf16, slower on others. `trained_on` and `licence` go into the exported
    file.

    Raises:
        ConfigError: a value is out of its range.
    """

    name: str = "built-in"
    seed: int = 1
    sets: tuple[str, ...] = ()
    shares: tuple[float, ...] = (1.0,)
    trained_on: str = ""
    licence: str = ""
    sizes_px: tuple[int, ...] = ()
    epochs: tuple[int, ...] = (40,)
    batch: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    warmup_steps: int = 200
    ema_decay: float = 0.998
    validate_every: int = 4
    start_blocks: tuple[int, ...] = ()
    bfloat16: bool = False
    augment: AugmentOptions = field(default_factory=AugmentOptions)

    def __post_init__(self) -> None:
        if len(self.sizes_px) != len(self.epochs) or not self.epochs:
            raise ConfigError("sizes_px and epochs must name as many stages as each other, at least one")
        if len(self.sets) != len(self.shares) or not self.sets:
            raise ConfigError("sets and shares must name as many data sets as each other, at least one")

    @property
    def total_epochs(self) -> int:
        """All epochs of all stages."""
        return sum(self.epochs)

    def size_at(self, epoch: int) -> int:
        """Return the picture size in pixels of `epoch`, counted from 0."""
        for size_px, count in zip(self.sizes_px, self.epochs, strict=True):
            if epoch < count:
                return size_px
            epoch -= count
        return self.sizes_px[-1]


def read_options(kind: type[Options], path: Path) -> Options:
    """Return the settings of the dataclass `kind` that the TOML file at `path` holds.

    Raises:
        ConfigError: the file cannot be read, or names a setting that does not exist.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the training settings {path}: {error}") from error
    return _fill(kind, content, str(path))


def _fill(kind: type[Options], content: dict[str, Any], where: str) -> Options:
    hints = get_type_hints(kind)
    known = {part.name for part in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(content) - known)
    if unknown:
        raise ConfigError(f"{where} has no setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for name, value in content.items():
        if is_dataclass(hints[name]):
            values[name] = _fill(hints[name], value, f"{where} [{name}]")
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
