"""The training loop: one function a stage of thought, resumable after every epoch."""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from footfall.errors import ConfigError, DataError
from footfall.types import ImageArray
from training.augment import FaceAugmenter
from training.checkpoint import CHECKPOINT, write_checkpoint
from training.data.faces import batches, held_out
from training.data.framed import FramedFaces, framed
from training.demographics.config import RunConfig
from training.demographics.examples import Examples
from training.demographics.losses import Targets, total_loss
from training.demographics.metrics import figures, truth_of
from training.demographics.network import DemographicsNetwork, JudgingNetwork, NetworkOutput, to_input
from training.demographics.start import start_from
from training.demographics.teacher import DemographicsTeacher, Said, untaught_teacher
from training.dlib_network import FEATURES

log = logging.getLogger(__name__)
START_FACES = 512
Item = TypeVar("Item")


class End:
    """What comes behind the last item."""


END = End()


@dataclass(slots=True)
class RunState:
    """Everything that changes while a run goes on; a checkpoint is its image."""

    network: JudgingNetwork
    average: JudgingNetwork
    optimiser: torch.optim.Optimizer
    epoch: int = 0


def train(
    config: RunConfig,
    sets: Sequence[FramedFaces],
    directory: Path,
    *,
    start: Path | None = None,
    until: int | None = None,
    said: Sequence[Said] = (),
) -> RunState:
    """Train from the last checkpoint in `directory`, else from `start` (see `begin_with`), else from random weights.

    `sets` are the caches of `config.sets`, `said` what a teacher says of each. Every epoch draws its randomness from
    the seed and its own number, so a resumed run equals an uninterrupted one. `until` stops before that epoch, as an
    interruption would. Metrics on the faces held out go to `metrics.jsonl` in `directory`.
    """
    for width in {words.features.shape[1] for words in said}:
        if width != (FEATURES if config.teacher else config.network.described):
            raise ConfigError(
                f"what teaches describes faces with {width} numbers; set described = {width} in [network]"
            )
    examples = Examples(sets, config.shares, config.held_out + config.calibration, config.batch, said)
    judged = {name: unseen(faces, config.held_out) for name, faces in zip(config.sets, sets, strict=True)}
    state = start_or_resume(config, directory)
    if start is not None and not state.epoch:
        begin_with(start, state, examples, config)
    for epoch in range(state.epoch, min(config.total_epochs, until or config.total_epochs)):
        began = time.monotonic()
        loss = run_epoch(state, examples, config)
        row: dict[str, Any] = {"epoch": epoch, "size_px": config.size_at(epoch), "loss": round(loss, 4)}
        if (epoch + 1) % config.validate_every == 0 or epoch + 1 == config.total_epochs:
            size_px = config.size_at(epoch)
            row |= {
                name: judge(state.average, faces, size_px, config.augment.frame)
                for name, faces in judged.items()
                if len(faces)
            }
        row["seconds"] = round(time.monotonic() - began, 1)
        save(state, config, directory, row)
        log.info("%s", json.dumps(row))
    return state


def unseen(faces: FramedFaces, share: float) -> FramedFaces:
    """Return those of `faces` that a training which holds `share` out does not see."""
    return faces.select(np.flatnonzero(held_out(faces.groups, share)))


def start_or_resume(config: RunConfig, directory: Path) -> RunState:
    """Return the state stored in `directory`, or a fresh one from the seed."""
    torch.manual_seed(config.seed)
    network = new_network(config)
    network.trunk.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(parameter_groups(network, config.weight_decay), lr=config.learning_rate)
    state = RunState(network, copy.deepcopy(network), optimiser)
    path = directory / CHECKPOINT
    if path.exists():
        stored = torch.load(path, weights_only=True)
        state.network.load_state_dict(stored["network"])
        state.average.load_state_dict(stored["average"])
        state.optimiser.load_state_dict(stored["optimiser"])
        state.epoch = stored["epoch"]
    return state


def new_network(config: RunConfig) -> JudgingNetwork:
    """Return an untrained network of the kind that `config` trains; a teacher begins as dlib's."""
    return untaught_teacher(config.network.dropout) if config.teacher else DemographicsNetwork(config.network)


def begin_with(start: Path, state: RunState, examples: Examples, config: RunConfig) -> None:
    """Give `state` the weights of `start`, an exported file or the folder of a finished run."""
    if start.suffix == ".onnx":
        if not isinstance(state.network, DemographicsNetwork):
            raise DataError(f"{start} is an export, and a teacher starts from the folder of a run")
        generator = np.random.default_rng(config.seed)
        rows = examples.order(generator)[:START_FACES]
        shown = FaceAugmenter(config.augment, generator)(examples.pixels(rows), config.size_at(0))
        start_from(start, state.network, shown, config.start_blocks)
    else:
        try:
            state.network.load_state_dict(torch.load(checkpoint_in(start), weights_only=True)["average"])
        except RuntimeError:
            raise DataError(f"{start} is a network of another shape; start from one of the same [network]") from None
    state.average.load_state_dict(state.network.state_dict())


def checkpoint_in(run: Path) -> Path:
    """Return the checkpoint of the run in the folder `run`.

    Raises:
        DataError: there is none.
    """
    path = run / CHECKPOINT
    if not path.exists():
        raise DataError(f"no checkpoint at {path}; run `python -m training demographics train` first")
    return path


def load_teacher(config: RunConfig, run: Path) -> DemographicsTeacher:
    """Return the averaged teacher of the run in the folder `run`; raises DataError as `checkpoint_in` does."""
    teacher = DemographicsTeacher(config.network.dropout)
    teacher.load_state_dict(torch.load(checkpoint_in(run), weights_only=True)["average"])
    return teacher.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def parameter_groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Keep decay off biases and norms, where it only shifts the scale."""
    wide = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    flat = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    return [{"params": wide, "weight_decay": weight_decay}, {"params": flat, "weight_decay": 0.0}]


def run_epoch(state: RunState, examples: Examples, config: RunConfig) -> float:
    """Train one epoch in place and return its mean loss."""
    generator = np.random.default_rng((config.seed, state.epoch))
    torch.manual_seed(config.seed * 100_003 + state.epoch)
    augment = FaceAugmenter(config.augment, generator)
    size_px, count = config.size_at(state.epoch), examples.batches_an_epoch()
    state.network.train()
    losses = []

    def shown() -> Iterator[tuple[ImageArray, Targets]]:
        for rows in examples.batches(generator):
            yield augment(examples.pixels(rows), size_px), examples.targets(rows)

    for step, (faces, targets) in enumerate(ahead(shown()), state.epoch * count):
        for group in state.optimiser.param_groups:
            group["lr"] = learning_rate(step, count * config.total_epochs, config)
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


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield `items`, the next of which a second thread already prepares; the same ones in the same order."""
    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(next, items, END)
        while not isinstance(item := coming.result(), End):
            coming = worker.submit(next, items, END)
            yield item


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
def judge(network: JudgingNetwork, faces: FramedFaces, size_px: int, frame: float) -> dict[str, float]:
    """Return the `figures` of what `network` says of `faces`."""
    network.eval()
    age, female = [], []
    for part in batches(len(faces), 128):
        output = network(to_input(torch.from_numpy(framed(faces.images[part], size_px, frame))))
        age.append(torch.softmax(output.age, 1))
        female.append(output.gender > 0)
    return figures(np.asarray(torch.cat(age).numpy()), torch.cat(female).numpy(), truth_of(faces))


def save(state: RunState, config: RunConfig, directory: Path, row: dict[str, Any]) -> None:
    """Write the checkpoint so that an interruption leaves the old or the new one, and append the metrics."""
    content = {
        "network": state.network.state_dict(),
        "average": state.average.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "epoch": state.epoch,
        "config": asdict(config),
    }
    write_checkpoint(content, directory)
    with (directory / "metrics.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")
