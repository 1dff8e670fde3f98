"""Settings of one training run of the demographics network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from footfall.errors import ConfigError
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

    Raises:
        ConfigError: a value is out of its range, or does not go with another.
    """

    sets: tuple[str, ...] = ("fairface",)
    sizes_px: tuple[int, ...] = (96,)
    held_out: float = 0.1
    calibration: float = 0.02
    teacher: bool = False
    network: NetworkOptions = field(default_factory=NetworkOptions)
    loss: LossOptions = field(default_factory=LossOptions)

    def __post_init__(self) -> None:
        TrainingConfig.__post_init__(self)  # slots leave no plain super()
        halvings = len(self.network.widths)
        least, most = 4 * 2**halvings + 1, 5 * 2**halvings
        if self.network.weighed and not all(least <= size_px <= most for size_px in self.sizes_px):
            raise ConfigError(f"a network with weighed = true sees sizes_px from {least} to {most} only")
        if self.network.weighed and self.network.depths[-1] != 1:
            raise ConfigError("a network with weighed = true has one block in its last stage: end depths with 1")


def read_config(path: Path) -> RunConfig:
    """Return the run that the TOML file at `path` describes; raises as `read_options` does."""
    return read_options(RunConfig, path)
