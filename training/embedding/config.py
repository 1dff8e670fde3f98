"""Settings of one training of the embedding, read from TOML; what the file leaves out keeps its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from footfall.errors import ConfigError
from training.augment import AugmentOptions
from training.demographics.config import read_options
from training.embedding.losses import LossOptions
from training.embedding.network import EmbeddingOptions

BUILT_IN = Path(__file__).with_name("configs") / "built-in.toml"


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """One run: `sets` are the data sets and `shares` how much of each one epoch has. `sizes_px` and `epochs` belong
    together: so many epochs at each picture size, in that order; the last size is the exported network's.

    The rate is constant after `warmup_steps` and falls to nothing over the last `cooldown_epochs`, so that a run can be
    made longer or shorter while it goes on. `start_blocks` are the blocks of the demographics export that the trunk
    begins as, -1 for one that begins by changing nothing, none for random weights; `bfloat16` as there.
    `mirrored_look` lets the exported network look at each face's mirror image as well, for twice the time.
    """

    name: str = "built-in"
    seed: int = 1
    sets: tuple[str, ...] = ("lfw",)
    shares: tuple[float, ...] = (1.0,)
    trained_on: str = ""
    licence: str = ""
    sizes_px: tuple[int, ...] = (80,)
    epochs: tuple[int, ...] = (40,)
    cooldown_epochs: int = 10
    batch: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup_steps: int = 200
    ema_decay: float = 0.998
    validate_every: int = 2
    bfloat16: bool = False
    start_blocks: tuple[int, ...] = ()
    mirrored_look: bool = False
    network: EmbeddingOptions = field(default_factory=EmbeddingOptions)
    loss: LossOptions = field(default_factory=LossOptions)
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
        ends = list(accumulate(self.epochs))
        return next((size for size, end in zip(self.sizes_px, ends, strict=True) if epoch < end), self.sizes_px[-1])


def read_config(path: Path) -> EmbeddingConfig:
    """Return the run that the TOML file at `path` describes; raises as `read_options` does."""
    return read_options(EmbeddingConfig, path)
