"""Eight-bit weights and activations: a plain stack of 3x3 convolutions runs two to three times as fast with them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from footfall.types import ImageArray
from training.data.faces import batches

CALIBRATION_BATCH = 64


class _Faces(CalibrationDataReader):  # type: ignore[misc]
    """Feeds batches of faces to the quantiser, which asks for one after the other."""

    def __init__(self, faces: ImageArray) -> None:
        self._parts: Iterator[slice] = batches(len(faces), CALIBRATION_BATCH)
        self._faces = faces

    def get_next(self) -> dict[str, ImageArray] | None:
        part = next(self._parts, None)
        return None if part is None else {"faces": np.ascontiguousarray(self._faces[part])}


def quantise(source: Path, target: Path, faces: ImageArray) -> None:
    """Write the fp32 model at `source` as int8 to `target`, ranges taken from `faces`, uint8 (N, S, S, 3) BGR.

    Static, per channel, min-max, QDQ. The heads stay fp32: they cost nothing and carry the calibration. Each
    ReLU becomes the lower end of its convolution's range: about a sixth faster than rounding before and after it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        unfinished = target.with_suffix(".part")
        quantize_static(
            str(prepared),
            str(unfinished),
            _Faces(faces),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Relu"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
    model = onnx.load(unfinished)
    original = onnx.load(source)
    onnx.helper.set_model_props(model, {prop.key: prop.value for prop in original.metadata_props})
    onnx.save(model, unfinished)
    unfinished.replace(target)
