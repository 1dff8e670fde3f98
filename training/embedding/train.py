"""The training loop of the embedding: the teacher's targets are at hand, so that every face costs one look."""

from __future__ import annotations

import copy
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from footfall.types import FloatArray, ImageArray
from training.augment import FaceAugmenter
from training.checkpoint import CHECKPOINT, write_checkpoint
from training.data.faces import batches
from training.data.framed import framed
from training.demographics.network import PlainBlock, to_input
from training.demographics.start import StoredWeights, start_blocks
from training.demographics.train import START_FACES, parameter_groups, update_average
from training.embedding.config import EmbeddingConfig
from training.embedding.examples import Examples
from training.embedding.losses import total_loss
from training.embedding.network import EmbeddingNetwork
from training.embedding.people import held_back
from training.embedding.prepare import TaughtFaces
from training.embedding.verification import quick_figures

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RunState:
    """Everything that changes while a run goes on; a checkpoint is its image."""

    network: EmbeddingNetwork
    average: EmbeddingNetwork
    optimiser: torch.optim.Optimizer
    epoch: int = 0
    step: int = 0


def train(
    config: EmbeddingConfig,
    sets: Sequence[TaughtFaces],
    directory: Path,
    *,
    start: Path | None = None,
    until: int | None = None,
) -> RunState:
    """Train from the last checkpoint in `directory`, else from the trunk of the demographics export `start`.

    `sets` are the caches of `config.sets`. Every epoch draws its randomness from the seed and its own number, so a
    resumed run equals an uninterrupted one. `until` stops before that epoch, as an interruption would. Figures of the
    people held back go to `metrics.jsonl` in `directory`.
    """
    examples = Examples(config.sets, sets, config.shares, config.loss, config.batch)
    judged = {
        name: one.faces.select(np.flatnonzero(held_back(name, one.faces.groups)))
        for name, one in zip(config.sets, sets, strict=True)
        if name in ("lfw", "celeba", "fairface")
    }
    state = start_or_resume(config, directory)
    if start is not None and not state.epoch:
        begin_with(start, state, examples, config)
    for epoch in range(state.epoch, min(config.total_epochs, until or config.total_epochs)):
        began = time.monotonic()
        size_px = config.size_at(epoch)
        row: dict[str, Any] = {"epoch": epoch, "size_px": size_px}
        row["loss"] = round(run_epoch(state, examples, config), 4)
        trained_s = time.monotonic() - began
        if (epoch + 1) % config.validate_every == 0 or epoch + 1 == config.total_epochs:
            row |= quick_figures(partial(embed_cached, state.average.eval(), size_px=size_px, config=config), judged)
        row |= {"train_s": round(trained_s, 1), "seconds": round(time.monotonic() - began, 1)}
        save(state, config, directory, row)
        log.info("%s", json.dumps(row))
    return state


def start_or_resume(config: EmbeddingConfig, directory: Path) -> RunState:
    """Return the state stored in `directory`, or a fresh one from the seed."""
    torch.manual_seed(config.seed)
    network = EmbeddingNetwork(config.network, config.sizes_px[-1]).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(parameter_groups(network, config.weight_decay), config.learning_rate, fused=True)
    state = RunState(network, copy.deepcopy(network), optimiser)
    path = directory / CHECKPOINT
    if path.exists():
        stored = torch.load(path, weights_only=True)
        state.network.load_state_dict(stored["network"])
        state.average.load_state_dict(stored["average"])
        state.optimiser.load_state_dict(stored["optimiser"])
        for group in state.optimiser.param_groups:
            group["fused"] = True
        state.epoch, state.step = stored["epoch"], stored["step"]
    return state


def begin_with(start: Path, state: RunState, examples: Examples, config: EmbeddingConfig) -> None:
    """Give the trunk of `state` the blocks of the demographics export `start` that `config.start_blocks` names."""
    generator = np.random.default_rng(config.seed)
    rows = next(examples.batches(generator))[:START_FACES]
    shown = FaceAugmenter(config.augment, generator)(examples.pixels(rows), config.size_at(0))
    blocks = [part for part in state.network.trunk if isinstance(part, PlainBlock)]
    start_blocks(StoredWeights(start), blocks, shown, config.start_blocks)
    state.average.load_state_dict(state.network.state_dict())


def run_epoch(state: RunState, examples: Examples, config: EmbeddingConfig) -> float:
    """Train one epoch in place and return its mean loss."""
    generator = np.random.default_rng((config.seed, state.epoch))
    augment = FaceAugmenter(config.augment, generator)
    steps, size_px = examples.batches_an_epoch(), config.size_at(state.epoch)
    state.network.train()
    losses = []
    for number, rows in enumerate(examples.batches(generator)):
        for group in state.optimiser.param_groups:
            group["lr"] = learning_rate(state.step, state.epoch + number / steps, config)
        faces = augment(examples.pixels(rows), size_px)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            found = state.network(to_input(torch.from_numpy(faces)))
        loss = total_loss(found, *examples.targets(rows), examples.strangers(generator), config.loss)
        state.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
        state.optimiser.step()
        state.step += 1
        update_average(state.average, state.network, min(config.ema_decay, (1 + state.step) / (10 + state.step)))
        losses.append(loss.detach())
    state.epoch += 1
    return float(torch.stack(losses).mean())


def learning_rate(step: int, epochs_done: float, config: EmbeddingConfig) -> float:
    """Return the rate at `step`: linear warm-up, constant, then linear down to nothing over the last epochs."""
    warm = min(1.0, (step + 1) / config.warmup_steps)
    left = (config.total_epochs - epochs_done) / max(1, config.cooldown_epochs)
    return config.learning_rate * warm * min(1.0, max(0.0, left))


@torch.no_grad()
def embed_cached(network: EmbeddingNetwork, images: ImageArray, size_px: int, config: EmbeddingConfig) -> FloatArray:
    """Return what `network` says of cached faces, uint8 (N, S, S, 3), as float32 (N, D)."""
    said = []
    for part in batches(len(images), 128):
        shown = framed(images[part], size_px, config.augment.frame)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            said.append(network(to_input(torch.from_numpy(shown))).float())
    return np.asarray(torch.cat(said).numpy(), np.float32)


def save(state: RunState, config: EmbeddingConfig, directory: Path, row: dict[str, Any]) -> None:
    """Write the checkpoint so that an interruption leaves the old or the new one, and append the metrics."""
    content = {
        "network": state.network.state_dict(),
        "average": state.average.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "epoch": state.epoch,
        "step": state.step,
        "config": asdict(config),
    }
    write_checkpoint(content, directory)
    with (directory / "metrics.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")
