"""From a checkpoint to the ONNX file that the program loads: fused, calibrated, self-describing."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from footfall.types import FloatArray
from training.data.faces import UTKFACE_LANDMARKS
from training.data.framed import frame_landmarks
from training.demographics.calibration import Calibration, bias_of_years
from training.demographics.losses import age_bins
from training.demographics.network import DemographicsNetwork, NetworkOptions, PlainBlock
from training.demographics.train import checkpoint_in

OPSET = 17
LEAST_HALVED = 1000


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What goes into the file's metadata beside the preprocessing."""

    name: str
    version: str
    size_px: int
    frame: float
    trained_on: str
    licence: str


class ExportedNetwork(nn.Module):
    """The deployed function: uint8 (N, S, S, 3) BGR → `p_female` (N,), `age_probabilities` (N, 101), calibrated."""

    age_bias: Tensor

    def __init__(self, network: DemographicsNetwork, calibration: Calibration) -> None:
        super().__init__()
        fused = copy.deepcopy(network).eval()
        blocks = [block for block in fused.trunk if isinstance(block, PlainBlock)]
        self.trunk = nn.Sequential(*(block.fused() for block in blocks))
        self.pool, self.age, self.gender = fused.pool, fused.age, fused.gender
        self.calibration = calibration
        self.register_buffer("age_bias", bias_of_years(calibration))

    def logits(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Return age logits (N, 101) and gender log-odds (N,) before calibration."""
        features = self.pool(self.trunk((faces.permute(0, 3, 1, 2).float() - 127.5) / 127.5)).flatten(1)
        return self.age(features), self.gender(features)[:, 0]

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        age, gender = self.logits(faces)
        scaled = gender * self.calibration.gender_scale + self.calibration.gender_bias
        return torch.sigmoid(scaled), torch.softmax(age / self.calibration.age_temperature + self.age_bias, 1)


def load_network(directory: Path) -> tuple[DemographicsNetwork, int]:
    """Return the averaged network of the checkpoint in `directory`, and how many epochs it has seen.

    Raises:
        DataError: there is no checkpoint.
    """
    stored = torch.load(checkpoint_in(directory), weights_only=True)
    network = DemographicsNetwork(NetworkOptions(**stored["config"]["network"]))
    network.load_state_dict(stored["average"])
    return network.eval(), stored["epoch"]


def export(network: ExportedNetwork, description: ModelDescription, path: Path) -> None:
    """Write `network` to `path` as one ONNX file with a dynamic batch; an interruption leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    example = torch.zeros((2, description.size_px, description.size_px, 3), dtype=torch.uint8)
    torch.onnx.export(
        network,
        (example,),
        str(unfinished),
        input_names=["faces"],
        output_names=["p_female", "age_probabilities"],
        dynamic_axes={name: {0: "batch"} for name in ("faces", "p_female", "age_probabilities")},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(unfinished)
    store_in_half(model.graph)
    onnx.helper.set_model_props(model, metadata(description, network.calibration))
    onnx.save(model, unfinished)
    unfinished.replace(path)


def store_in_half(graph: onnx.GraphProto) -> None:
    """Store the large weights of `graph` in 16 bits, half the file; they are computed with in 32.

    ONNX Runtime widens them once, when it loads the file, so that neither speed nor exactness changes.
    """
    for weight in graph.initializer:
        value, name = numpy_helper.to_array(weight), weight.name
        if value.dtype != np.float32 or value.size < LEAST_HALVED:
            continue
        weight.CopyFrom(numpy_helper.from_array(value.astype(np.float16), f"{name}.half"))
        graph.node.insert(0, onnx.helper.make_node("Cast", [weight.name], [name], to=onnx.TensorProto.FLOAT))


def metadata(description: ModelDescription, calibration: Calibration) -> dict[str, str]:
    """Return the metadata by which `inference` knows how to feed and read the model."""
    return {
        "footfall.kind": "demographics",
        "footfall.name": description.name,
        "footfall.version": description.version,
        "footfall.input_size": str(description.size_px),
        "footfall.age_years": json.dumps(age_bins().tolist()),
        "footfall.landmarks": _points(frame_landmarks(description.frame)),
        "footfall.crop_landmarks": _points(UTKFACE_LANDMARKS),
        "footfall.calibration": json.dumps(asdict(calibration)),
        "footfall.trained_on": description.trained_on,
        "footfall.licence": description.licence,
    }


def _points(landmarks: FloatArray) -> str:
    return json.dumps([[round(float(value), 4) for value in point] for point in landmarks])
