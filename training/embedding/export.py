"""From a checkpoint to the ONNX file that the program loads: fused, of unit length, self-describing."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from inference.embedding import EMBEDDING_OUTPUT
from training.data.framed import frame_landmarks
from training.demographics.export import OPSET, store_in_half
from training.demographics.network import PlainBlock
from training.demographics.train import checkpoint_in
from training.embedding.config import EmbeddingConfig
from training.embedding.network import EmbeddingNetwork

SMALLEST_LENGTH = 1e-6


class ExportedEmbedding(nn.Module):
    """The deployed function: uint8 (N, S, S, 3) BGR → `embedding` (N, D) of unit length."""

    def __init__(self, network: EmbeddingNetwork, size_px: int, mirrored_look: bool) -> None:
        super().__init__()
        fused = copy.deepcopy(network).eval()
        map_px, channels = fused.map_px(size_px), fused.expand.out_channels
        pool = nn.Conv2d(channels, channels, map_px, groups=channels, bias=False)
        with torch.no_grad():
            pool.weight.copy_(fused.pooling(map_px)[:, None])
        self.trunk = nn.Sequential(*(block.fused() for block in fused.trunk if isinstance(block, PlainBlock)))
        self.expand = fuse_conv_bn_eval(fused.expand, fused.expand_norm)
        self.pool = fuse_conv_bn_eval(pool.eval(), fused.pool_norm)
        self.head = fused.head
        self.mirrored_look = mirrored_look

    def forward(self, faces: Tensor) -> Tensor:
        x = (faces.permute(0, 3, 1, 2).float() - 127.5) / 127.5
        vectors = self.look(x)
        return at_length_one(vectors + self.look(x.flip(3))) if self.mirrored_look else vectors

    def look(self, x: Tensor) -> Tensor:
        """Return the unit vectors (N, D) of pictures (N, 3, S, S) in [-1, 1]."""
        return at_length_one(self.head(self.pool(torch.relu(self.expand(self.trunk(x)))).flatten(1)))


def at_length_one(vectors: Tensor) -> Tensor:
    """Return `vectors` (N, D) divided by their lengths, in operators that every runtime has."""
    return vectors / vectors.square().sum(1, keepdim=True).sqrt().clamp(min=SMALLEST_LENGTH)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The averaged network of a run, how many epochs it has seen, and the size of the last one's pictures."""

    network: EmbeddingNetwork
    epochs: int
    size_px: int


def load_run(directory: Path, config: EmbeddingConfig) -> FinishedRun:
    """Return the averaged network of the checkpoint in `directory`.

    Raises:
        DataError: there is no checkpoint.
    """
    stored = torch.load(checkpoint_in(directory), weights_only=True)
    network = EmbeddingNetwork(config.network, config.sizes_px[-1])
    network.load_state_dict(stored["average"])
    return FinishedRun(network.eval(), stored["epoch"], config.size_at(stored["epoch"] - 1))


def export(run: FinishedRun, config: EmbeddingConfig, version: str, path: Path) -> None:
    """Write the network of `run` to `path`, one ONNX file with a dynamic batch; an interruption leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    torch.onnx.export(
        ExportedEmbedding(run.network, run.size_px, config.mirrored_look),
        (torch.zeros((2, run.size_px, run.size_px, 3), dtype=torch.uint8),),
        str(unfinished),
        input_names=["faces"],
        output_names=[EMBEDDING_OUTPUT],
        dynamic_axes={name: {0: "batch"} for name in ("faces", EMBEDDING_OUTPUT)},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(unfinished)
    store_in_half(model.graph)
    onnx.helper.set_model_props(model, metadata(config, run.size_px, version))
    onnx.save(model, unfinished)
    unfinished.replace(path)


def metadata(config: EmbeddingConfig, size_px: int, version: str) -> dict[str, str]:
    """Return the metadata by which `inference` knows how to feed and read the model."""
    points = frame_landmarks(config.augment.frame)
    return {
        "footfall.kind": "embedding",
        "footfall.name": config.name,
        "footfall.version": version,
        "footfall.input_size": str(size_px),
        "footfall.embedding_width": str(config.network.width),
        "footfall.landmarks": json.dumps([[round(float(value), 4) for value in point] for point in points]),
        "footfall.trained_on": config.trained_on,
        "footfall.licence": config.licence,
    }
