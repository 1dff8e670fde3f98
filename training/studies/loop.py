"""One readable loop for every network of a study: Adam, early stopping, resumable after every epoch."""

from __future__ import annotations

import copy
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.checkpoint import CHECKPOINT, write_checkpoint
from training.studies.binnings import Binning
from training.studies.config import StudyConfig
from training.studies.networks import StudyNetwork
from training.studies.samples import Samples, Targets, mirrored, shuffled_batches, targets

log = logging.getLogger(__name__)
CURVES = "curves.jsonl"
Row = dict[str, Any]


@dataclass(slots=True)
class Progress:
    """How far a run is: the best validation loss so far, epochs without a better one, and a row of each epoch."""

    epoch: int = 0
    best_loss: float = float("inf")
    waited: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def train(
    network: StudyNetwork,
    parts: tuple[Samples, Samples],
    config: StudyConfig,
    binning: Binning | None,
    directory: Path,
    observe: Callable[[Row], None] = lambda row: None,
    until: int | None = None,
) -> list[Row]:
    """Train `network` in place to its best validation loss and return a row of figures for each epoch.

    Begins after the last checkpoint in `directory`. Every epoch draws its randomness from the seed and its own
    number, so a resumed run equals an uninterrupted one; `until` stops before that epoch, as an interruption would.
    """
    directory.mkdir(parents=True, exist_ok=True)
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(learning, lr=config.learning_rate, weight_decay=config.weight_decay)
    progress = _resume(network, optimiser, directory)
    for epoch in range(progress.epoch, min(config.epochs, until or config.epochs)):
        if progress.waited >= config.patience:
            break
        began = time.monotonic()
        row: Row = {"epoch": epoch, **_learn(network, parts[0], config, binning, epoch, optimiser)}
        row |= {f"validation_{name}": value for name, value in measure(network, parts[1], config, binning).items()}
        row["seconds"] = round(time.monotonic() - began, 1)
        _note(progress, network, row)
        _save(progress, network, optimiser, directory)
        observe(row)
        log.info("%s %s", config.name, json.dumps(row))
    if progress.best:
        network.load_state_dict(progress.best)
    return progress.rows


def loss_of(outputs: dict[str, Tensor], wanted: Targets, regression: bool) -> Tensor:
    """Return cross-entropy (or squared error in decades of years) of age plus binary cross-entropy of gender."""
    parts = []
    if wanted.age is not None:
        age = outputs["age"]
        parts.append(
            functional.mse_loss(age / 10.0, wanted.age / 10.0)
            if regression
            else functional.cross_entropy(age, wanted.age)
        )
    if wanted.female is not None:
        parts.append(functional.binary_cross_entropy_with_logits(outputs["gender"], wanted.female))
    return torch.stack(parts).sum()


@torch.no_grad()
def measure(network: StudyNetwork, samples: Samples, config: StudyConfig, binning: Binning | None) -> dict[str, float]:
    """Return the mean loss and, as far as the task asks, age accuracy or error in years, and gender accuracy."""
    network.eval()
    sums: dict[str, float] = {}
    for first in range(0, len(samples), 256):
        rows = np.arange(first, min(first + 256, len(samples)))
        wanted = targets(samples, rows, config, binning)
        outputs = network(samples.batch(rows))
        figures = {"loss": float(loss_of(outputs, wanted, binning is None)), **_figures(outputs, wanted, binning)}
        for name, value in figures.items():
            sums[name] = sums.get(name, 0.0) + value * len(rows)
    return {name: round(value / len(samples), 4) for name, value in sums.items()}


def _figures(outputs: dict[str, Tensor], wanted: Targets, binning: Binning | None) -> dict[str, float]:
    figures = {}
    if wanted.age is not None and binning is None:
        figures["mae_years"] = float((outputs["age"].detach() - wanted.age).abs().mean())
    elif wanted.age is not None:
        figures["age_accuracy"] = float((outputs["age"].argmax(1) == wanted.age).float().mean())
    if wanted.female is not None:
        figures["gender_accuracy"] = float(((outputs["gender"] > 0) == (wanted.female > 0.5)).float().mean())
    return figures


def _learn(
    network: StudyNetwork,
    samples: Samples,
    config: StudyConfig,
    binning: Binning | None,
    epoch: int,
    optimiser: torch.optim.Optimizer,
) -> Row:
    """Train one epoch; frozen norms keep their statistics."""
    generator = np.random.default_rng((config.seed, epoch))
    torch.manual_seed(config.seed * 100_003 + epoch)
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and not module.weight.requires_grad:
            module.eval()
    total: dict[str, float] = {}
    count = 0
    for rows in shuffled_batches(len(samples), config.batch_size, generator):
        wanted = targets(samples, rows, config, binning)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            outputs = network(mirrored(samples.batch(rows), generator))
        outputs = {name: value.float() for name, value in outputs.items()}
        loss = loss_of(outputs, wanted, binning is None)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        figures = {"loss": float(loss.detach()), **_figures(outputs, wanted, binning)}
        for name, value in figures.items():
            total[name] = total.get(name, 0.0) + value * len(rows)
        count += len(rows)
    return {f"train_{name}": round(value / count, 4) for name, value in total.items()}


def _note(progress: Progress, network: nn.Module, row: Row) -> None:
    progress.epoch = row["epoch"] + 1
    progress.rows.append(row)
    if row["validation_loss"] < progress.best_loss:
        progress.best_loss, progress.waited = row["validation_loss"], 0
        progress.best = copy.deepcopy(network.state_dict())
    else:
        progress.waited += 1


def _resume(network: nn.Module, optimiser: torch.optim.Optimizer, directory: Path) -> Progress:
    path = directory / CHECKPOINT
    if not path.exists():
        return Progress()
    stored = torch.load(path, weights_only=True)
    network.load_state_dict(stored["network"])
    optimiser.load_state_dict(stored["optimiser"])
    return Progress(stored["epoch"], stored["best_loss"], stored["waited"], stored["best"], stored["rows"])


def _save(progress: Progress, network: nn.Module, optimiser: torch.optim.Optimizer, directory: Path) -> None:
    """Write the checkpoint and the curves; an interruption leaves the previous ones."""
    stored = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "epoch": progress.epoch,
        "best_loss": progress.best_loss,
        "waited": progress.waited,
        "best": progress.best,
        "rows": progress.rows,
    }
    write_checkpoint(stored, directory)
    (directory / CURVES).write_text("".join(json.dumps(row) + "\n" for row in progress.rows), encoding="utf-8")
