"""Small networks for tests: demographics in fp32 or in eight bits that saturate inexact kernels, and an embedding."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from inference.selfcheck import check_path, write_check

SIZE_PX = 32
CHANNELS = 16
LANDMARKS = [[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]]


def write_small_network(path: Path, *, eight_bit: bool = False, weight: float = 1.0) -> Path:
    """Write a network of one convolution to `path`; `weight` multiplies the first layer's weights."""
    random = np.random.default_rng(7)
    kernel = np.rint(random.uniform(40, 127, (CHANNELS, 3, 3, 3)) * random.choice([1, 1, -1], (CHANNELS, 3, 3, 3)))
    heads = random.normal(0, 0.5, (102, CHANNELS))
    constants: dict[str, np.ndarray] = {
        "kernel_scale": np.array(weight / 1270, np.float32),
        "no_point": np.array(0, np.int8),
        "pixel_scale": np.array(1 / 255, np.float32),
        "sum_scale": np.array(0.02, np.float32),
        "zero": np.array(0, np.uint8),
        "heads": heads.astype(np.float32),
        "parts": np.array([1, 101], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["faces"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["cast"], ["channels"], perm=[0, 3, 1, 2]),
        helper.make_node("Mul", ["channels", "pixel_scale"], ["pixels"]),
    ]
    if eight_bit:
        constants["kernel"] = kernel.astype(np.int8)
        nodes += [
            helper.make_node("QuantizeLinear", ["pixels", "pixel_scale", "zero"], ["pixels_8"]),
            helper.make_node("DequantizeLinear", ["pixels_8", "pixel_scale", "zero"], ["pixels_f"]),
            helper.make_node("DequantizeLinear", ["kernel", "kernel_scale", "no_point"], ["kernel_f"]),
            helper.make_node("Conv", ["pixels_f", "kernel_f"], ["sums"], strides=[2, 2]),
            helper.make_node("QuantizeLinear", ["sums", "sum_scale", "zero"], ["sums_8"]),
            helper.make_node("DequantizeLinear", ["sums_8", "sum_scale", "zero"], ["rectified"]),
        ]
    else:
        constants["kernel_f"] = (kernel * weight / 1270).astype(np.float32)
        nodes += [
            helper.make_node("Conv", ["pixels", "kernel_f"], ["sums"], strides=[2, 2]),
            helper.make_node("Relu", ["sums"], ["rectified"]),
        ]
    nodes += [
        helper.make_node("GlobalAveragePool", ["rectified"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("Gemm", ["features", "heads"], ["logits"], transB=1),
        helper.make_node("Split", ["logits", "parts"], ["gender", "age"], axis=1),
        helper.make_node("Sigmoid", ["gender"], ["p_female"]),
        helper.make_node("Softmax", ["age"], ["age_probabilities"], axis=1),
    ]
    faces = helper.make_tensor_value_info("faces", TensorProto.UINT8, ["batch", SIZE_PX, SIZE_PX, 3])
    outputs = [
        helper.make_tensor_value_info("p_female", TensorProto.FLOAT, ["batch", 1]),
        helper.make_tensor_value_info("age_probabilities", TensorProto.FLOAT, ["batch", 101]),
    ]
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "small", [faces], outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    facts = {
        "footfall.input_size": str(SIZE_PX),
        "footfall.age_years": json.dumps(list(range(101))),
        "footfall.landmarks": json.dumps(LANDMARKS),
    }
    helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def write_small_embedding(path: Path, width: int = 8) -> Path:
    """Write an embedding of one patch-wise layer to `path`: what is in the picture, and where, tells faces apart."""
    kernel = np.random.default_rng(3).normal(0, 0.05, (width, SIZE_PX * SIZE_PX * 3)).astype(np.float32)
    constants: dict[str, np.ndarray] = {
        "kernel": kernel,
        "middle": np.array(128, np.float32),
        "all": np.array([0, -1], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["faces"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["cast", "middle"], ["pixels"]),
        helper.make_node("Reshape", ["pixels", "all"], ["row"]),
        helper.make_node("Gemm", ["row", "kernel"], ["vectors"], transB=1),
        helper.make_node("LpNormalization", ["vectors"], ["embedding"], axis=1, p=2),
    ]
    faces = helper.make_tensor_value_info("faces", TensorProto.UINT8, ["batch", SIZE_PX, SIZE_PX, 3])
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", width])
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "small", [faces], [output], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    facts = {
        "footfall.input_size": str(SIZE_PX),
        "footfall.embedding_width": str(width),
        "footfall.landmarks": json.dumps(LANDMARKS),
    }
    helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def tampered_network(folder: Path) -> Path:
    """Write a network of which this computer seems to say something else than its reference."""
    path = write_small_network(folder / "tampered.onnx")
    write_check(path)
    tamper_with_answers(path)
    return path


def tamper_with_answers(model: Path) -> None:
    """Move one stored answer of `model` by five points."""
    stored = json.loads(check_path(model).read_text(encoding="utf-8"))
    stored["answers"]["p_female"][0][0] += 0.05
    check_path(model).write_text(json.dumps(stored), encoding="utf-8")
