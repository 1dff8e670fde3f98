"""Write the trained detector as ONNX with YuNet's output contract, so that either file can stand in for the other."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from training.detector.calibrate import UNCALIBRATED, Calibration
from training.detector.network import INPUT_SCALE, STRIDES, Detector

OPSET = 17
OUTPUT_NAMES = tuple(f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES)
LANDMARK_ORDER = ("right_eye", "left_eye", "nose", "right_mouth_corner", "left_mouth_corner")


@dataclass(frozen=True, slots=True)
class Card:
    """What the file says about itself, in its metadata under `footfall.`."""

    name: str
    version: str
    trained_on: str
    licence: str


class Contract(nn.Module):
    """Gives the detector's maps YuNet's names and shapes: (B, H*W/s^2, 1 | 1 | 4 | 10) for strides 8, 16, 32.

    The calibrations of the levels go into their last layers. Objectness repeats the class score: the contract's score
    is the root of their product.
    """

    def __init__(self, detector: Detector, calibrations: Sequence[Calibration]) -> None:
        super().__init__()
        self.detector = copy.deepcopy(detector).eval()
        stem = self.detector.level_8[0]
        assert isinstance(stem, nn.Sequential) and isinstance(stem[0], nn.Conv2d)
        with torch.no_grad():  # the input's scale goes into the stem: one pass over the full picture less
            stem[0].weight.mul_(INPUT_SCALE)
            for layer, calibration in zip(self.detector.predict, calibrations, strict=True):
                assert isinstance(layer, nn.Conv2d) and layer.bias is not None
                layer.weight[0] *= calibration.slope
                layer.bias[0] = layer.bias[0] * calibration.slope + calibration.offset

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return the twelve maps in the order of `OUTPUT_NAMES`."""
        levels = [level.permute(0, 2, 3, 1).flatten(1, 2) for level in self.detector.maps(image)]
        scores = [level[..., :1].sigmoid() for level in levels]
        objectness = [score.clone() for score in scores]
        return (
            *scores,
            *objectness,
            *(level[..., 1:5] for level in levels),
            *(level[..., 5:] for level in levels),
        )


def export(detector: Detector, path: Path, card: Card, calibrations: Sequence[Calibration] = UNCALIBRATED) -> None:
    """Write the detector to `path` with dynamic batch, height and width."""
    axes = {name: {0: "batch", 1: f"cells_{name.rsplit('_', 1)[1]}"} for name in OUTPUT_NAMES}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with warnings.catch_warnings():  # the tracer that writes one plain file is deprecated, not replaced
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            Contract(detector, calibrations).eval(),
            (torch.zeros(1, 3, 20 * STRIDES[2], 20 * STRIDES[2]),),
            str(partial),
            dynamo=False,
            opset_version=OPSET,
            input_names=["input"],
            output_names=list(OUTPUT_NAMES),
            dynamic_axes={"input": {0: "batch", 2: "height", 3: "width"}, **axes},
        )
    model = onnx.load(partial)
    facts = {
        "kind": "detector",
        "name": card.name,
        "version": card.version,
        "trained_on": card.trained_on,
        "licence": card.licence,
        "landmark_order": json.dumps(LANDMARK_ORDER),
    }
    onnx.helper.set_model_props(model, {f"footfall.{key}": value for key, value in facts.items()})
    onnx.checker.check_model(model)
    onnx.save(model, partial)
    partial.replace(path)
