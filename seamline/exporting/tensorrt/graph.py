"""An ONNX graph: read from a file, what is known of its tensors before it runs, and changes that leave it whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from seamline.exporting.errors import ExportError

Shape = tuple[int | str, ...]
"""A size, or the name of a free one ("" where it has none)."""

_FOLDED = {"Cast", "Concat", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"}
"""Operators that arrange weights."""


def read(path: Path) -> onnx.ModelProto:
    """An ONNX file. Raises ExportError for what is missing, cut off or no network."""
    if not path.is_file():
        raise ExportError(f"{path} is no file; name an ONNX file that export/to_onnx.py wrote")
    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf has its own exceptions in every implementation
        raise ExportError(f"{path} is cut off or no ONNX file; export it again") from error
    if not model.graph.node or not model.graph.output:
        raise ExportError(f"{path} holds no network; name an ONNX file that export/to_onnx.py wrote")
    return model


def inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """The inputs that a caller gives."""
    given = {value.name for value in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in given]


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


def drop_unused(graph: onnx.GraphProto) -> None:
    """Take out nodes and weights that no output depends on."""
    wanted, kept = {value.name for value in graph.output}, []
    for node in reversed(graph.node):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    replace_nodes(graph, kept[::-1])
    for value in [value for value in graph.initializer if value.name not in wanted]:
        graph.initializer.remove(value)


def replace_nodes(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    """These nodes in the place of the graph's own, some of which may be among them."""
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
