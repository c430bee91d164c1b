"""What is known of a graph's tensors before it runs: their shapes, and the values of those that never change."""

from __future__ import annotations

from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

Shape = tuple[int | str, ...]
"""A size, or the name of a free one ("" where it has none)."""

_FOLDED = {"Cast", "Concat", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"}
"""Operators that arrange weights."""


def shape_of(value: onnx.ValueInfoProto) -> Shape:
    """The shape of a tensor that has one."""
    sizes = value.type.tensor_type.shape.dim
    return tuple(size.dim_value if size.HasField("dim_value") else size.dim_param for size in sizes)


def shapes(model: onnx.ModelProto) -> dict[str, Shape]:
    """Name -> shape of every tensor for which onnx infers one."""
    return {value.name: shape_of(value) for value in typed_values(model).values()}


def typed_values(model: onnx.ModelProto) -> dict[str, onnx.ValueInfoProto]:
    """Name -> type and shape of every tensor for which onnx infers both."""
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    return {value.name: value for value in values if value.type.tensor_type.HasField("shape")}


def constants(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    """Name -> value of the initializers and of rearrangements of them."""
    values = {value.name: numpy_helper.to_array(value) for value in model.graph.initializer}
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    for node in model.graph.node:
        given = [name for name in node.input if name]
        if node.op_type in _FOLDED and given and all(name in values for name in given):
            found = ReferenceEvaluator(node, opsets).run(None, {name: values[name] for name in given})
            values |= dict(zip(node.output, found, strict=True))
    return values
