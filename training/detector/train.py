"""The training loop of the built-in detector: one readable loop, resumable, the same from the same seed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from footfall.errors import DataError
from training.detector.loss import Targets, detection_loss
from training.detector.network import Detector, cell_grid
from training.detector.samples import Sample
from training.detector.start import start_from

STARTING_PICTURES = 24

logger = logging.getLogger(__name__)


class Draws(Protocol):
    """Whatever draws training pictures of one size."""

    def draw(self, rng: np.random.Generator, mild: bool = False) -> Sample:
        """Return one picture with its labels."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights, apart from the data.

    Over the last `mild_fraction` the pictures are mild, as YOLOX ends its training without mosaics (Ge et al. 2021).
    `bfloat16` computes convolutions in 16 bits: a third faster on a processor with avx512_bf16, slower on others.
    """

    iterations: int = 37_000
    batch: int = 8
    side_px: int = 320
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-3
    warmup_iterations: int = 300
    decay_fraction: float = 0.4
    average_decay: float = 0.999
    seed: int = 7
    bfloat16: bool = True
    mild_fraction: float = 0.25


def learning_rate(recipe: Recipe, iteration: int) -> float:
    """Return the rate: warm-up, constant, then linear to zero over the last part (Haegele et al. 2024)."""
    decay_from = recipe.iterations * (1 - recipe.decay_fraction)
    fall = (recipe.iterations - iteration) / max(1.0, recipe.iterations - decay_from)
    warm = (iteration + 1) / recipe.warmup_iterations
    return recipe.learning_rate * max(0.0, min(1.0, fall, warm))


def collate(samples: list[Sample]) -> tuple[Tensor, Targets]:
    """Stack pictures into float32 (B, 3, H, W) BGR 0-255 and pad their labels."""
    pixels = np.stack([sample.image for sample in samples])
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
    most = max(len(sample.labels.boxes) for sample in samples)
    regions = max(1, *(len(sample.labels.ignored) for sample in samples))
    boxes = torch.zeros(len(samples), most, 4)
    landmarks = torch.full((len(samples), most, 5, 2), torch.nan)
    valid = torch.zeros(len(samples), most, dtype=torch.bool)
    ignored = torch.zeros(len(samples), regions, 4)
    for index, sample in enumerate(samples):
        count = len(sample.labels.boxes)
        boxes[index, :count] = torch.from_numpy(sample.labels.boxes)
        landmarks[index, :count] = torch.from_numpy(sample.labels.landmarks)
        valid[index, :count] = True
        ignored[index, : len(sample.labels.ignored)] = torch.from_numpy(sample.labels.ignored)
    taught = [sample.taught for sample in samples if sample.taught is not None]
    if len(taught) < len(samples):
        return images, Targets(boxes, landmarks, valid, ignored)
    scores = torch.from_numpy(np.stack([one.scores for one in taught]))
    taught_boxes = torch.from_numpy(np.stack([one.boxes for one in taught]))
    return images, Targets(boxes, landmarks, valid, ignored, (scores, taught_boxes))


class Batches(Dataset[tuple[Tensor, Targets]]):
    """The batch of each iteration: it depends on seed and iteration alone, whoever draws it and in which order."""

    def __init__(self, recipe: Recipe, composer: Draws) -> None:
        self.recipe = recipe
        self.composer = composer

    def __getitem__(self, iteration: int) -> tuple[Tensor, Targets]:
        """Compose and stack the pictures of an iteration."""
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, iteration])
        mild = iteration >= recipe.iterations * (1 - recipe.mild_fraction)
        return collate([self.composer.draw(rng, mild) for _ in range(recipe.batch)])

    def since(self, iteration: int, processes: int) -> Iterator[tuple[Tensor, Targets]]:
        """Yield the batches from `iteration` on, drawn ahead in so many processes, or by the caller's with none."""
        order = range(iteration, self.recipe.iterations)
        return iter(DataLoader(self, batch_size=None, sampler=order, num_workers=processes))


def channels_last(network: Detector) -> Detector:
    """Lay the weights out as the CPU's convolutions like them."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


class Run:
    """A training run: network, its moving average, optimiser and the iteration it has reached."""

    def __init__(self, recipe: Recipe, composer: Draws) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.batches = Batches(recipe, composer)
        self.network = channels_last(Detector())
        self.average = channels_last(Detector())
        self.average.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(self._groups(), lr=recipe.learning_rate)
        self.grid = cell_grid(recipe.side_px, recipe.side_px)
        self.iteration = 0

    def _groups(self) -> list[dict[str, object]]:
        decayed = [parameter for parameter in self.network.parameters() if parameter.ndim > 1]
        others = [parameter for parameter in self.network.parameters() if parameter.ndim <= 1]
        return [
            {"params": decayed, "weight_decay": self.recipe.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]

    def start(self, path: Path) -> None:
        """Begin with the weights of an earlier export. Raises DataError when it is none of this network."""
        rng = np.random.default_rng([self.recipe.seed, STARTING_PICTURES])
        images, _ = collate([self.batches.composer.draw(rng) for _ in range(STARTING_PICTURES)])
        start_from(path, self.network, images)
        self.average.load_state_dict(self.network.state_dict())

    def step(self, images: Tensor, targets: Targets) -> dict[str, float]:
        """Train on one batch and return the parts of its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.iteration)
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.bfloat16):
            raw = self.network(images.contiguous(memory_format=torch.channels_last))
        parts = detection_loss(raw.float(), self.grid, targets)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self.optimiser.step()
        self.iteration += 1
        self._average()
        return {name: float(value.detach()) for name, value in parts.items()}

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.recipe.average_decay, (1 + self.iteration) / (10 + self.iteration))
        current = self.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[name], 1 - keep)
            else:
                value.copy_(current[name])

    def save(self, path: Path) -> None:
        """Write a checkpoint; a crash while writing leaves the one before."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "recipe": asdict(self.recipe),
            "iteration": self.iteration,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint. Raises DataError when it belongs to another recipe."""
        state = torch.load(path, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            raise DataError(f"{path} was trained with another recipe: remove it or restore the recipe.")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.iteration = int(state["iteration"])


def train(
    run: Run, checkpoint: Path, save_every: int = 500, log_every: int = 50, processes: int = 0
) -> Iterator[dict[str, float]]:
    """Train to the end of the recipe, from the checkpoint if there is one, and yield the mean losses as it goes.

    With `processes`, so many others compose the pictures meanwhile; the weights are the same.
    """
    if checkpoint.is_file():
        run.load(checkpoint)
    totals: dict[str, float] = {}
    started = time.monotonic()
    for images, targets in run.batches.since(run.iteration, processes):
        for name, value in run.step(images, targets).items():
            totals[name] = totals.get(name, 0.0) + value / log_every
        if run.iteration % log_every == 0:
            seconds = (time.monotonic() - started) / log_every
            yield {"iteration": run.iteration, **totals, "seconds_per_iteration": seconds}
            totals, started = {}, time.monotonic()
        if run.iteration % save_every == 0 or run.iteration == run.recipe.iterations:
            run.save(checkpoint)
