"""Settings of one training of the embedding."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from training.config import TrainingConfig, read_options
from training.embedding.losses import LossOptions
from training.embedding.network import EmbeddingOptions

BUILT_IN = Path(__file__).with_name("configs") / "built-in.toml"


@dataclass(frozen=True, slots=True)
class EmbeddingConfig(TrainingConfig):
    """One run; the last of `sizes_px` is the exported network's.

    The rate is constant after `warmup_steps` and falls to nothing over the last `cooldown_epochs`, so that a run can be
    made longer or shorter while it goes on. `start_blocks` are the blocks of the demographics export that the trunk
    begins as, -1 for one that begins by changing nothing, none for random weights. `mirrored_look` lets the exported
    network look at each face's mirror image as well, for twice the time.
    """

    sets: tuple[str, ...] = ("lfw",)
    sizes_px: tuple[int, ...] = (80,)
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    validate_every: int = 2
    cooldown_epochs: int = 10
    mirrored_look: bool = False
    network: EmbeddingOptions = field(default_factory=EmbeddingOptions)
    loss: LossOptions = field(default_factory=LossOptions)


def read_config(path: Path) -> EmbeddingConfig:
    """Return the run that the TOML file at `path` describes; raises as `read_options` does."""
    return read_options(EmbeddingConfig, path)
