"""The training loop: one function a stage of thought, resumable after every epoch."""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from footfall.errors import DataError
from footfall.types import ImageArray
from inference.attributes import AttributeModel
from training.augment import FaceAugmenter
from training.data.faces import LabelledFaces, batches, held_out
from training.demographics.config import RunConfig
from training.demographics.evaluate import resize_faces
from training.demographics.examples import Examples, SoftLabels
from training.demographics.losses import Targets, age_bins, imitating, mixed, total_loss
from training.demographics.network import DemographicsNetwork, NetworkOutput, to_input
from training.demographics.start import start_from

log = logging.getLogger(__name__)
CHECKPOINT = "checkpoint.pt"
START_FACES = 512


@dataclass(slots=True)
class RunState:
    """Everything that changes while a run goes on; a checkpoint is its image."""

    network: DemographicsNetwork
    average: DemographicsNetwork
    optimiser: torch.optim.Optimizer
    epoch: int = 0


def train(
    config: RunConfig,
    faces: LabelledFaces,
    soft: SoftLabels | None,
    directory: Path,
    *,
    teacher: AttributeModel | None = None,
    start: Path | None = None,
    until: int | None = None,
) -> RunState:
    """Train from the last checkpoint in `directory`, or else from the export `start`, or from random weights.

    `teacher`, an earlier network, is asked about every picture as the network in training sees it.

    Every epoch draws its randomness from the seed and its own number, so a resumed run equals an uninterrupted one.
    `until` stops before that epoch, as an interruption would. Metrics go to `metrics.jsonl` in `directory`.
    """
    aside = held_out(faces.groups, config.held_out)
    kept = np.flatnonzero(~aside)
    held = np.flatnonzero(aside & (faces.age_years >= 0))
    if not len(kept):
        raise DataError("no faces are left to train on; lower held_out or add data")
    soft = None if soft is None else SoftLabels(soft.age[kept], soft.embedding[kept])
    examples = Examples(faces.select(kept), soft, config)
    judged = faces.select(held)
    state = start_or_resume(config, directory)
    if start is not None and not state.epoch:
        begin_with(start, state, examples, config)
    for epoch in range(state.epoch, min(config.total_epochs, until or config.total_epochs)):
        began = time.monotonic()
        loss = run_epoch(state, examples, config, teacher)
        row: dict[str, Any] = {"epoch": epoch, "size_px": config.size_at(epoch), "loss": round(loss, 4)}
        if len(judged) and ((epoch + 1) % config.validate_every == 0 or epoch + 1 == config.total_epochs):
            row |= judge(state.average, judged, config.size_at(epoch))
        row["seconds"] = round(time.monotonic() - began, 1)
        save(state, config, directory, row)
        log.info("%s", json.dumps(row))
    return state


def start_or_resume(config: RunConfig, directory: Path) -> RunState:
    """Return the state stored in `directory`, or a fresh one from the seed."""
    torch.manual_seed(config.seed)
    network = DemographicsNetwork(config.network)
    network.trunk.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(_parameter_groups(network, config.weight_decay), lr=config.learning_rate)
    state = RunState(network, copy.deepcopy(network), optimiser)
    path = directory / CHECKPOINT
    if path.exists():
        stored = torch.load(path, weights_only=True)
        state.network.load_state_dict(stored["network"])
        state.average.load_state_dict(stored["average"])
        state.optimiser.load_state_dict(stored["optimiser"])
        state.epoch = stored["epoch"]
    return state


def begin_with(export: Path, state: RunState, examples: Examples, config: RunConfig) -> None:
    """Give `state` the weights of an earlier `export` of a network of the same shape."""
    generator = np.random.default_rng(config.seed)
    rows = examples.order(generator)[:START_FACES]
    start_from(
        export, state.network, FaceAugmenter(config.augment, generator)(examples.pixels(rows), config.size_at(0))
    )
    state.average.load_state_dict(state.network.state_dict())


def _parameter_groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Keep decay off biases and norms, where it only shifts the scale."""
    wide = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    flat = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    return [{"params": wide, "weight_decay": weight_decay}, {"params": flat, "weight_decay": 0.0}]


def run_epoch(state: RunState, examples: Examples, config: RunConfig, teacher: AttributeModel | None = None) -> float:
    """Train one epoch in place and return its mean loss."""
    generator = np.random.default_rng((config.seed, state.epoch))
    torch.manual_seed(config.seed * 100_003 + state.epoch)
    augment = FaceAugmenter(config.augment, generator)
    size_px, count = config.size_at(state.epoch), examples.batches_an_epoch()
    state.network.train()
    losses = []
    for step, rows in enumerate(examples.batches(generator), state.epoch * count):
        for group in state.optimiser.param_groups:
            group["lr"] = learning_rate(step, count * config.total_epochs, config)
        faces, targets = augment(examples.pixels(rows), size_px), examples.targets(rows)
        if config.mixup:
            faces, targets = blend(faces, targets, config.mixup, generator)
        if teacher is not None:
            targets = imitating(targets, *ask(teacher, faces), config.teacher.imitation)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            output = state.network(to_input(torch.from_numpy(faces)))
        loss = total_loss(NetworkOutput(*(part.float() for part in output)), targets, config.loss)
        state.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
        state.optimiser.step()
        update_average(state.average, state.network, min(config.ema_decay, (1 + step) / (10 + step)))
        losses.append(loss.detach())
    state.epoch += 1
    return float(torch.stack(losses).mean())


def blend(
    faces: ImageArray, targets: Targets, beta: float, generator: np.random.Generator
) -> tuple[ImageArray, Targets]:
    """Return each of `faces` laid over by another of the batch, and what they should come out as."""
    partners = generator.permutation(len(faces))
    share = generator.beta(beta, beta, len(faces)).astype(np.float32)
    share = np.maximum(share, 1.0 - share)
    own = share[:, None, None, None]
    pictures = (own * faces + (1.0 - own) * faces[partners] + 0.5).astype(np.uint8)
    return pictures, mixed(targets, torch.from_numpy(partners), torch.from_numpy(share))


def ask(teacher: AttributeModel, faces: ImageArray) -> tuple[Tensor, Tensor]:
    """Return what `teacher` says of `faces`: age distributions (N, 101) and P(female) (N,)."""
    said = teacher.predict_aligned(faces)
    age = np.stack([one.age_probabilities for one in said]).astype(np.float32)
    return torch.from_numpy(age), torch.tensor([one.p_female for one in said], dtype=torch.float32)


def learning_rate(step: int, steps: int, config: RunConfig) -> float:
    """Return the rate at `step`: linear warm-up, then a cosine down to nothing."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    progress = (step - config.warmup_steps) / max(1, steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the running mean of all weights and norm statistics a step towards `network`."""
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(value, 1.0 - decay)
        else:
            mean.copy_(value)


@torch.no_grad()
def judge(network: DemographicsNetwork, faces: LabelledFaces, size_px: int) -> dict[str, float]:
    """Return the age error in years and the share of right genders on `faces`."""
    network.eval()
    error, right = [], []
    for part in batches(len(faces), 128):
        output = network(to_input(torch.from_numpy(resize_faces(faces.images[part], size_px))))
        age = torch.softmax(output.age, 1) @ age_bins()
        error.append((age - torch.from_numpy(faces.age_years[part].astype(np.float32))).abs())
        right.append((output.gender > 0) == torch.from_numpy(faces.female[part] == 1))
    return {
        "mae_years": round(float(torch.cat(error).mean()), 3),
        "gender": round(float(torch.cat(right).float().mean()), 4),
    }


def save(state: RunState, config: RunConfig, directory: Path, row: dict[str, Any]) -> None:
    """Write the checkpoint so that an interruption leaves the old or the new one, and append the metrics."""
    directory.mkdir(parents=True, exist_ok=True)
    content = {
        "network": state.network.state_dict(),
        "average": state.average.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "epoch": state.epoch,
        "config": asdict(config),
    }
    unfinished = directory / f"{CHECKPOINT}.part"
    torch.save(content, unfinished)
    unfinished.replace(directory / CHECKPOINT)
    with (directory / "metrics.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")
