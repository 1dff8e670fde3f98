"""Settings of one training run of the demographics network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from training.config import TrainingConfig, read_options
from training.demographics.losses import LossOptions
from training.demographics.network import NetworkOptions

FREE = Path(__file__).with_name("configs") / "free.toml"
BUILT_IN = FREE.with_name("built-in.toml")


@dataclass(frozen=True, slots=True)
class RunConfig(TrainingConfig):
    """One run: the share `held_out` of every set is kept apart to evaluate on, the share `calibration` to calibrate on.

    `start_blocks` are the blocks that a training which starts from an exported file takes from it, all if empty.
    `teacher` trains dlib's network, which others learn from, instead of `network`.
    """

    sets: tuple[str, ...] = ("fairface",)
    sizes_px: tuple[int, ...] = (96,)
    held_out: float = 0.1
    calibration: float = 0.02
    teacher: bool = False
    network: NetworkOptions = field(default_factory=NetworkOptions)
    loss: LossOptions = field(default_factory=LossOptions)


def read_config(path: Path) -> RunConfig:
    """Return the run that the TOML file at `path` describes; raises as `read_options` does."""
    return read_options(RunConfig, path)
