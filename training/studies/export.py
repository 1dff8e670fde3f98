"""From a trained study network to the ONNX file that `footfall models use` accepts."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from training.data.faces import UTKFACE_LANDMARKS
from training.studies.binnings import OLDEST_YEARS, Binning
from training.studies.config import StudyConfig
from training.studies.networks import StudyNetwork

OPSET = 17
NOT_JUDGED = float("nan")


class ExportedStudy(nn.Module):
    """The deployed function: uint8 (N, S, S, 3) BGR → `p_female` (N,), `age_probabilities` (N, A).

    What the network was not taught comes out as not a number, which the program reports as unknown. A regression
    puts its years as a distribution on the two nearest whole years, so that the expectation is the prediction.
    """

    grey: Tensor | None
    years: Tensor

    def __init__(self, network: StudyNetwork, config: StudyConfig, binning: Binning | None) -> None:
        super().__init__()
        self.network = network.eval()
        # The weights of OpenCV's conversion to grey, in its order blue, green, red.
        grey = torch.tensor([0.114, 0.587, 0.299]).reshape(1, 3, 1, 1)
        self.register_buffer("grey", None if config.colour else grey)
        self.register_buffer("years", torch.arange(OLDEST_YEARS + 1, dtype=torch.float32)[None])
        self.ages = OLDEST_YEARS + 1 if binning is None else len(binning)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        pictures = faces.permute(0, 3, 1, 2).float() / 255.0
        if self.grey is not None:
            pictures = (pictures * self.grey).sum(1, keepdim=True)
        outputs = self.network(pictures)
        nothing = pictures.sum((1, 2, 3)) * NOT_JUDGED
        female = torch.sigmoid(outputs["gender"]) if "gender" in outputs else nothing
        if "age" not in outputs:
            return female, nothing[:, None].expand(-1, self.ages)
        if outputs["age"].dim() == 2:
            return female, torch.softmax(outputs["age"], 1)
        years = outputs["age"].clamp(0, OLDEST_YEARS)[:, None]
        distance = (years - self.years).abs()
        return female, (1.0 - distance).clamp(min=0.0)


def export_study(network: StudyNetwork, config: StudyConfig, binning: Binning | None, path: Path) -> None:
    """Write `network` to `path` as one self-describing ONNX file; an interruption leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    exported = ExportedStudy(network, config, binning)
    names = ["p_female", "age_probabilities"]
    torch.onnx.export(
        exported,
        (torch.zeros((2, config.input_px, config.input_px, 3), dtype=torch.uint8),),
        str(unfinished),
        input_names=["faces"],
        output_names=names,
        dynamic_axes={name: {0: "batch"} for name in ("faces", *names)},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(unfinished)
    centres = list(range(exported.ages)) if binning is None else binning.centres().tolist()
    onnx.helper.set_model_props(
        model,
        {
            "footfall.kind": "demographics",
            "footfall.name": config.name,
            "footfall.version": f"{config.network}-seed{config.seed}",
            "footfall.input_size": str(config.input_px),
            "footfall.age_years": json.dumps([float(centre) for centre in centres]),
            "footfall.landmarks": json.dumps(UTKFACE_LANDMARKS.round(4).tolist()),
            "footfall.trained_on": "UTKFace (training part), non-commercial research data",
            "footfall.licence": "weights for non-commercial research only; retrain for production",
        },
    )
    onnx.save(model, unfinished)
    unfinished.replace(path)
