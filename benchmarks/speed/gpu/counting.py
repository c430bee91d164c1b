"""Floating-point operations and bytes of a network, counted from its graph.

Counted are convolutions and matrix products, in which nearly all of the work lies. A multiplication with its addition
is two operations, as cards' peaks are stated. Bytes are what these nodes read and write if everything between them is
fused: inputs, weights and outputs, once each.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import onnx
from onnx import ModelProto, NodeProto, helper

Shapes = Mapping[str, tuple[int, ...]]


@dataclasses.dataclass(frozen=True)
class Work:
    """One run: floating-point operations, bytes read and written at 4 bytes a number, and the nodes counted."""

    operations: int
    bytes: int
    nodes: int


def count(model: ModelProto, batch: int) -> Work:
    """The work of one run with `batch` rows. Raises ValueError for a counted node whose shapes are not known."""
    known = shapes(model, batch)
    counted = [node for node in model.graph.node if node.op_type in _OPERATIONS]
    operations = traffic = 0
    for node in counted:
        missing = [name for name in (*node.input[:2], node.output[0]) if name not in known]
        if missing:
            raise ValueError(f"the shape of {missing[0]} of the node {node.name!r} is not known")
        operations += _OPERATIONS[node.op_type](node, known)
        traffic += sum(4 * math.prod(known[name]) for name in (*node.input, node.output[0]) if name in known)
    return Work(operations, traffic, len(counted))


def shapes(model: ModelProto, batch: int) -> Shapes:
    """Shapes of all tensors whose sizes follow from the inputs with `batch` rows."""
    fixed = ModelProto()
    fixed.CopyFrom(model)
    del fixed.graph.value_info[:]
    for value in (*fixed.graph.input, *fixed.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = batch
    graph = onnx.shape_inference.infer_shapes(fixed, strict_mode=True, data_prop=True).graph
    found = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in (*graph.input, *graph.output, *graph.value_info):
        sizes = value.type.tensor_type.shape.dim
        if all(size.HasField("dim_value") for size in sizes):
            found[value.name] = tuple(size.dim_value for size in sizes)
    return found


def _convolution(node: NodeProto, known: Shapes) -> int:
    weights = known[node.input[1]]
    return 2 * math.prod(known[node.output[0]]) * math.prod(weights[1:])


def _transposed_convolution(node: NodeProto, known: Shapes) -> int:
    weights = known[node.input[1]]
    return 2 * math.prod(known[node.input[0]]) * math.prod(weights[1:])


def _product(node: NodeProto, known: Shapes) -> int:
    inner = known[node.input[0]][0 if _attribute(node, "transA") else -1]
    return 2 * math.prod(known[node.output[0]]) * inner


def _attribute(node: NodeProto, name: str) -> Any:
    return next((helper.get_attribute_value(item) for item in node.attribute if item.name == name), 0)


_OPERATIONS: Mapping[str, Callable[[NodeProto, Shapes], int]] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "Gemm": _product,
    "MatMul": _product,
}
