"""The same computation in operators that NVIDIA's parser and builder take on every architecture.

Two things are refused otherwise. An input of unsigned bytes may only go into a Cast, not into a Transpose. And
TensorRT-RTX has no float32 matrix product for Turing (SM75), while it has every convolution: a product with constant
weights is a convolution with a kernel of one cell.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from seamline.exporting.tensorrt.graph import Shape, constants, drop_unused, replace_nodes, shapes

Weights = NDArray[np.float32]


def portable(model: onnx.ModelProto) -> onnx.ModelProto:
    """A model that computes the same; products whose shapes are not known well enough stay as they are."""
    found = onnx.ModelProto()
    found.CopyFrom(model)
    _cast_first(found.graph)
    _products_as_convolutions(found)
    onnx.checker.check_model(found, full_check=True)
    return found


def _cast_first(graph: onnx.GraphProto) -> None:
    """Transpose(bytes) then Cast becomes Cast then Transpose."""
    bytes_in = {value.name for value in graph.input if value.type.tensor_type.elem_type == TensorProto.UINT8}
    for transpose in [node for node in graph.node if node.op_type == "Transpose" and node.input[0] in bytes_in]:
        users = [node for node in graph.node if transpose.output[0] in node.input]
        if len(users) == 1 and users[0].op_type == "Cast":
            _exchange(graph, transpose, users[0])


def _exchange(graph: onnx.GraphProto, first: NodeProto, second: NodeProto) -> None:
    source, between, result = first.input[0], first.output[0], second.output[0]
    second.input[0], second.output[0] = source, between
    first.input[0], first.output[0] = between, result
    nodes = list(graph.node)
    one, other = nodes.index(first), nodes.index(second)
    nodes[one], nodes[other] = nodes[other], nodes[one]
    replace_nodes(graph, nodes)
    for value in [value for value in graph.value_info if value.name == between]:
        graph.value_info.remove(value)


def _products_as_convolutions(model: onnx.ModelProto) -> None:
    graph, known, values = model.graph, shapes(model), _weights(model)
    nodes: list[NodeProto] = []
    for node in graph.node:
        product = _product(node, values)
        chain = None if product is None else _convolution(node, *product, known, graph)
        nodes += [node] if chain is None else chain
    replace_nodes(graph, nodes)
    drop_unused(graph)


def _weights(model: onnx.ModelProto) -> dict[str, Weights]:
    return {name: value for name, value in constants(model).items() if value.dtype == np.float32}


def _product(node: NodeProto, values: dict[str, Weights]) -> tuple[str, Weights, str] | None:
    """The tensor that varies, the weights (G, M, K) by which it is multiplied, and the bias or ""."""
    if node.op_type == "Gemm" and node.input[1] in values and _plain(node):
        weights, bias = values[node.input[1]], node.input[2] if len(node.input) > 2 else ""
        turned = weights if _attribute(node, "transB", 0) else weights.T
        fits = not bias or (bias in values and values[bias].shape == turned.shape[:1])
        return (node.input[0], turned[None], bias) if fits else None
    if node.op_type != "MatMul":
        return None
    left, right = node.input
    if right in values and values[right].ndim == 2:
        return left, values[right].T[None], ""
    if left in values and values[left].ndim == 3:
        return right, values[left], ""
    return None


def _plain(node: NodeProto) -> bool:
    return (_attribute(node, "alpha", 1.0), _attribute(node, "beta", 1.0), _attribute(node, "transA", 0)) == (1, 1, 0)


def _attribute(node: NodeProto, name: str, default: float) -> float:
    found = [helper.get_attribute_value(attribute) for attribute in node.attribute if attribute.name == name]
    return float(found[0]) if found else default


def _convolution(
    node: NodeProto, varying: str, weights: Weights, bias: str, known: dict[str, Shape], graph: onnx.GraphProto
) -> list[NodeProto] | None:
    """Reshape, convolution with one group per matrix, Reshape; None where a size other than the batch is free.

    Weights on the left multiply (N, G, K, columns), those on the right (..., K).
    """
    groups, rows, inner = weights.shape
    result = known.get(node.output[0], ())
    if not result or not all(isinstance(size, int) for size in result[1:]):
        return None
    columns = int(result[-1]) if node.input[0] != varying else 1
    if node.input[0] != varying and (len(result) != 4 or result[1] != groups):
        return None
    name, out = node.name or node.output[0], node.output[0]
    kernel = np.ascontiguousarray(weights.reshape(groups * rows, inner, 1))
    for part, array in (
        ("kernel", kernel),
        ("wide", np.array([-1, groups * inner, columns], np.int64)),
        ("shape", np.array([-1, *result[1:]], np.int64)),
    ):
        graph.initializer.append(numpy_helper.from_array(array, f"{name}_{part}"))
    inputs = [f"{name}_rows", f"{name}_kernel", *([bias] if bias else [])]
    return [
        helper.make_node("Reshape", [varying, f"{name}_wide"], [f"{name}_rows"], f"{name}_as_channels"),
        helper.make_node("Conv", inputs, [f"{name}_product"], name, group=groups),
        helper.make_node("Reshape", [f"{name}_product", f"{name}_shape"], [out], f"{name}_as_before"),
    ]
