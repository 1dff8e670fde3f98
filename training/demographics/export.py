"""From a checkpoint to the ONNX file that the program loads: fused, calibrated, self-describing."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from footfall.errors import DataError
from training.data.faces import UTKFACE_LANDMARKS
from training.demographics.calibration import Calibration, bias_of_years
from training.demographics.losses import age_bins
from training.demographics.network import AGE_BINS, DemographicsNetwork, NetworkOptions, PlainBlock
from training.demographics.train import CHECKPOINT

OPSET = 17
TRAINED_ON = "UTKFace (training part) and LFW (part), non-commercial research data"
LICENCE = "weights for non-commercial research only, as the data they were trained on; retrain for production"


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What goes into the file's metadata beside the preprocessing."""

    name: str
    version: str
    size_px: int
    trained_on: str = TRAINED_ON
    licence: str = LICENCE


class ExportedNetwork(nn.Module):
    """The deployed function: uint8 (N, S, S, 3) BGR → `p_female` (N,), `age_probabilities` (N, 101), calibrated.

    With `mirror` every face is judged together with its mirror image and the logits are averaged: twice the work,
    which int8 pays for, and a steadier judgement.
    """

    age_bias: Tensor

    def __init__(self, network: DemographicsNetwork, calibration: Calibration, mirror: bool = True) -> None:
        super().__init__()
        fused = copy.deepcopy(network).eval()
        blocks = [block for block in fused.trunk if isinstance(block, PlainBlock)]
        self.trunk = nn.Sequential(*(block.fused() for block in blocks))
        self.age, self.gender = fused.age, fused.gender
        self.calibration, self.mirror = calibration, mirror
        self.register_buffer("age_bias", bias_of_years(calibration))

    def logits(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Return age logits (N, 101) and gender log-odds (N,) before calibration."""
        views = 2 if self.mirror else 1
        seen = torch.cat([faces, faces.flip(2)]) if self.mirror else faces
        features = self.trunk((seen.permute(0, 3, 1, 2).float() - 127.5) / 127.5).mean((2, 3))
        age = self.age(features).reshape(views, -1, AGE_BINS).mean(0)
        return age, self.gender(features).reshape(views, -1).mean(0)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        age, gender = self.logits(faces)
        scaled = gender * self.calibration.gender_scale + self.calibration.gender_bias
        return torch.sigmoid(scaled), torch.softmax(age / self.calibration.age_temperature + self.age_bias, 1)


def load_network(directory: Path) -> tuple[DemographicsNetwork, int]:
    """Return the averaged network of the checkpoint in `directory`, and how many epochs it has seen.

    Raises:
        DataError: there is no checkpoint.
    """
    path = directory / CHECKPOINT
    if not path.exists():
        raise DataError(f"no checkpoint at {path}; run `python -m training demographics train` first")
    stored = torch.load(path, weights_only=True)
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
    onnx.helper.set_model_props(model, metadata(description, network.calibration))
    onnx.save(model, unfinished)
    unfinished.replace(path)


def metadata(description: ModelDescription, calibration: Calibration) -> dict[str, str]:
    """Return the metadata by which `inference` knows how to feed and read the model."""
    return {
        "footfall.kind": "demographics",
        "footfall.name": description.name,
        "footfall.version": description.version,
        "footfall.input_size": str(description.size_px),
        "footfall.age_years": json.dumps(age_bins().tolist()),
        "footfall.landmarks": json.dumps([[round(float(v), 4) for v in point] for point in UTKFACE_LANDMARKS]),
        "footfall.calibration": json.dumps(asdict(calibration)),
        "footfall.trained_on": description.trained_on,
        "footfall.licence": description.licence,
    }
