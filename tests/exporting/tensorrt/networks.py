"""Small graphs in which one thing matters, and what they are built with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Weights = dict[str, np.ndarray]

CUSTOM = "my.domain"


def graph(
    nodes: Sequence[onnx.NodeProto],
    shape: Sequence[int | str],
    outputs: dict[str, Sequence[int | str] | None],
    weights: Weights | None = None,
    kind: int = TensorProto.FLOAT,
) -> onnx.ModelProto:
    """A graph with one input X."""
    found = helper.make_graph(
        list(nodes),
        "network",
        [helper.make_tensor_value_info("X", kind, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(CUSTOM, 1)]
    return helper.make_model(found, opset_imports=opsets, ir_version=10)


def convolutions(batch: int | str = "batch", layers: int = 1, seed: int = 0) -> onnx.ModelProto:
    """X (batch, 3, 8, 8) through so many 3x3 convolutions with ReLU -> Y (batch, 8, 8, 8)."""
    random, nodes, weights, last = np.random.default_rng(seed), [], {}, "X"
    for index in range(layers):
        kernel, width = f"kernel{index}", 3 if index == 0 else 8
        weights[kernel] = random.standard_normal((8, width, 3, 3)).astype(np.float32) / 5
        result = "Y" if index == layers - 1 else f"r{index}"
        nodes.append(helper.make_node("Conv", [last, kernel], [f"c{index}"], f"conv{index}", pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"c{index}"], [result], f"relu{index}"))
        last = result
    return graph(nodes, [batch, 3, 8, 8], {"Y": [batch, 8, 8, 8]}, weights)


def product() -> onnx.ModelProto:
    """X (batch, 5, 16) times a constant -> Y (batch, 5, 4)."""
    weights = np.random.default_rng(0).standard_normal((16, 4)).astype(np.float32)
    node = helper.make_node("MatMul", ["X", "weight"], ["Y"], "product")
    return graph([node], ["batch", 5, 16], {"Y": ["batch", 5, 4]}, {"weight": weights})


def refused() -> onnx.ModelProto:
    """Two operators that TensorRT does not have among two that it has."""
    nodes = [
        helper.make_node("Relu", ["X"], ["a"], "first"),
        helper.make_node("Unique", ["a"], ["U"], "which_values"),
        helper.make_node("Sharpen", ["a"], ["S"], "sharpen", domain=CUSTOM),
        helper.make_node("Abs", ["a"], ["Y"], "last"),
    ]
    return graph(nodes, ["batch", 4], {"Y": ["batch", 4], "U": None, "S": None})


def saved(model: onnx.ModelProto, folder: Path, name: str = "network") -> Path:
    path = folder / f"{name}.onnx"
    onnx.save(model, str(path))
    return path
