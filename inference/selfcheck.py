"""Proves that this computer computes a network as its reference says: stored answers to stored pictures.

A processor, a runtime or a damaged memory may compute a network otherwise than where it was measured, and nothing else
would show it: the 8-bit network once judged age 0.8 years worse on processors without VNNI. The pictures are formulas
(`check_pictures`), the answers lie beside the model as `<name>.check.json`, made without any graph optimisation, which
leaves plain operators that every processor computes alike.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from footfall.errors import ModelError
from footfall.types import FloatArray
from inference.check_pictures import check_pictures
from inference.processor import processor_name
from inference.session import RUNTIME, OnnxModel, Tensor

Answers = Mapping[str, FloatArray]
PICTURES = 6
DETECTOR_PICTURES, DETECTOR_SIZE = 2, (64, 96)
FORMAT = 1
"""Changes whenever the pictures or the file's layout do."""

ALLOWED_FP32 = 1e-3
"""Difference, relative to the answers' root mean square, up to which an fp32 network counts as computed alike.

Measured for the built-in detector, against graph optimisation off with AVX-512: at most 1.3e-5 with AVX-512, with AVX2
and with SSE alone.
"""
ALLOWED_8_BIT = 2e-2
"""The same for an 8-bit one, where a last bit of a sum decides between two neighbouring steps of eight bits.

Measured for the built-in demographics network: at most 0.0043 where it is right (VNNI; AVX2 and SSE with exact
arithmetic), 0.069 for gender and 0.13 for age where products saturate (AVX2).
"""
SMALLEST_SCALE = 0.01
"""Answers are not taken as smaller than this: a probability of nearly nothing may differ by more than a thousandth."""
EIGHT_BIT_OPERATORS = (b"QuantizeLinear", b"QLinearConv", b"QLinearMatMul", b"ConvInteger", b"MatMulInteger")
DIGITS = 7
ANEW = "reinstall the program, or delete the file and the reference is computed at every start"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a network is from its reference: the worst output, its relative difference, and what is allowed."""

    output: str
    difference: float
    allowed: float

    @property
    def holds(self) -> bool:
        """Whether the network is computed as its reference says."""
        return self.difference <= self.allowed

    def __str__(self) -> str:
        return f"{self.output} differs by {self.difference:.2g} of its size, {self.allowed:.2g} is allowed"


def check_path(model: Path) -> Path:
    """Return where the stored answers of the network at `model` lie."""
    return model.with_suffix(".check.json")


def write_check(model: Path) -> Path:
    """Store the reference answers of the network at `model` beside it, and return their file.

    Raises:
        ModelError: the network cannot be run, or this computer computes it otherwise than its reference.
    """
    answers = reference_answers(model)
    agreement = _compare(model, answers)
    if not agreement.holds:
        raise _refusal(model, agreement)
    target = check_path(model)
    document = {
        "format": FORMAT,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "made_with": f"{RUNTIME}, {processor_name()}",
        "answers": {name: _rows(values) for name, values in answers.items()},
    }
    unfinished = target.with_suffix(".part")
    unfinished.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
    unfinished.replace(target)
    return target


def require_agreement(model: Path) -> Agreement:
    """Return how well this computer computes the network at `model`, by its stored answers.

    Without stored answers the reference is computed here and now, with graph optimisation off.

    Raises:
        ModelError: it computes the network otherwise, the stored answers are damaged or of another file.
    """
    agreement = _compare(model, _stored_answers(model) if check_path(model).exists() else reference_answers(model))
    if not agreement.holds:
        raise _refusal(model, agreement)
    return agreement


def reference_answers(model: Path) -> Answers:
    """Return what the network says of the check's pictures with graph optimisation off, by output.

    Raises:
        ModelError: it cannot be run.
    """
    return _answers(OnnxModel(model, optimised=False))


def _compare(model: Path, expected: Answers) -> Agreement:
    answers = _answers(OnnxModel(model))
    allowed = ALLOWED_8_BIT if any(name in model.read_bytes() for name in EIGHT_BIT_OPERATORS) else ALLOWED_FP32
    if answers.keys() != expected.keys():
        return Agreement("the list of outputs", math.inf, allowed)
    worst = max(answers, key=lambda name: _difference(answers[name], expected[name]))
    return Agreement(worst, _difference(answers[worst], expected[worst]), allowed)


def _difference(answer: FloatArray, expected: FloatArray) -> float:
    """Return the root mean square of the difference relative to that of `expected`; NaN equals NaN and nothing else."""
    known = ~np.isnan(expected)
    if answer.shape != expected.shape or (np.isnan(answer) == known).any():
        return math.inf
    if not known.any():
        return 0.0
    difference, size = (_size(values[known]) for values in (answer - expected, expected))
    return difference / max(size, SMALLEST_SCALE)


def _size(values: FloatArray) -> float:
    """Return the root mean square of `values`."""
    return float(np.sqrt(np.square(values, dtype=np.float64).mean()))


def _answers(model: OnnxModel) -> Answers:
    try:
        outputs = model.run(_input_of(model))
    except ModelError:
        raise
    except Exception as error:  # ONNX Runtime raises a dozen unrelated types
        reason = str(error).splitlines()[0][:160]
        raise ModelError(f"{model.path}: cannot be run on the pictures of its self-check ({reason})") from None
    return {name: np.asarray(values, np.float32) for name, values in outputs.items()}


def _input_of(model: OnnxModel) -> Tensor:
    """Return the pictures as the network wants them: uint8 (N, H, W, 3), or float32 (N, 3, H, W) like a detector."""
    shape = model.input_shape
    if len(shape) != 4:
        raise ModelError(f"{model.path}: takes {len(shape)} dimensions; give a network that takes pictures in four")
    batch, *sides = (side if isinstance(side, int) else None for side in shape)
    if model.input_type == "tensor(uint8)":
        side = int(model.metadata.get("footfall.input_size", 96))
        return check_pictures(batch or PICTURES, sides[0] or side, sides[1] or side)
    height, width = DETECTOR_SIZE
    pictures = check_pictures(batch or DETECTOR_PICTURES, sides[1] or height, sides[2] or width)
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), np.float32)


def _stored_answers(model: Path) -> Answers:
    path = check_path(model)
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        version, sha256 = document["format"], document["sha256"]
        answers = {name: np.asarray(rows, np.float64).astype(np.float32) for name, rows in document["answers"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); {ANEW}") from None
    if version != FORMAT or sha256 != hashlib.sha256(model.read_bytes()).hexdigest():
        raise ModelError(f"{path}: holds the answers of another file than {model.name}; {ANEW}")
    return answers


def _rows(values: FloatArray) -> Any:
    """Return `values` as nested lists, seven significant digits each; None stands for what is not a number."""
    if values.ndim:
        return [_rows(part) for part in values]
    return None if np.isnan(values) else float(f"{float(values):.{DIGITS}g}")


def _refusal(model: Path, agreement: Agreement) -> ModelError:
    return ModelError(
        f"{model}: this computer computes the network otherwise than its reference, {agreement} "
        f"({RUNTIME}, {processor_name()}); nothing is judged, use another computer, "
        "the ONNX Runtime that the program was installed with, or another network"
    )
