"""A network's types: what it computes in is written in the ONNX file, for TensorRT's networks are strongly typed.

Flags that left the choice of types to the builder are gone from TensorRT 11, and TensorRT-RTX never had them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from seamline.exporting.errors import ExportError
from seamline.exporting.half import to_half
from seamline.exporting.tensorrt.graph import constants, drop_unused, replace_nodes

Precision = Literal["fp32", "fp16", "bf16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


def typed(model: onnx.ModelProto, precision: Precision) -> onnx.ModelProto:
    """The network with its layers in that precision; `int8` is already in the file that calibration wrote.

    Raises ExportError where the types of its values are not known.
    """
    if precision not in ("fp16", "bf16"):
        return model
    try:
        return to_half(model) if precision == "fp16" else to_brain(model)
    except onnx.shape_inference.InferenceError as error:
        first = str(error).splitlines()[0]
        raise ExportError(f"the network cannot be written in {precision}, take it as it is: {first}") from error


def to_brain(model: onnx.ModelProto) -> onnx.ModelProto:
    """The layers that half precision suits in bfloat16: float32's range with 8 bits of mantissa.

    Transposed convolutions stay in float32, for NVIDIA's builder has none in bfloat16. Its parser takes such a graph;
    onnx's checker and onnxruntime do not, since ONNX has bfloat16 convolutions from opset 22 on only.
    """
    exact, weights = constants(model), {tensor.name: tensor for tensor in model.graph.initializer}
    found = to_half(model)
    for tensor in found.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT16:
            values = exact.get(tensor.name.removesuffix("_half"), numpy_helper.to_array(tensor))
            tensor.CopyFrom(brain(values, tensor.name))
    for node in found.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.BFLOAT16
    nodes = [node for one in found.graph.node for node in _without_brain(one, weights)]
    replace_nodes(found.graph, nodes)
    found.graph.initializer.extend(_missing(found.graph, weights))
    drop_unused(found.graph)
    del found.graph.value_info[:]
    return found


def _without_brain(node: onnx.NodeProto, weights: Mapping[str, TensorProto]) -> list[onnx.NodeProto]:
    """A transposed convolution between casts, with its float32 weights; any other node as it is."""
    if node.op_type != "ConvTranspose":
        return [node]
    single = onnx.NodeProto()
    single.CopyFrom(node)
    given, result = node.input[0], node.output[0]
    single.input[0], single.output[0] = f"{given}_wide_{node.name}", f"{result}_wide"
    for place, name in enumerate(node.input[1:], start=1):
        single.input[place] = name.removesuffix("_half") if name.removesuffix("_half") in weights else name
    return [
        helper.make_node("Cast", [given], [single.input[0]], f"widen_{node.name}", to=TensorProto.FLOAT),
        single,
        helper.make_node("Cast", [single.output[0]], [result], f"narrow_{node.name}", to=TensorProto.BFLOAT16),
    ]


def _missing(graph: onnx.GraphProto, weights: Mapping[str, TensorProto]) -> list[TensorProto]:
    held = {tensor.name for tensor in graph.initializer}
    read = {name for node in graph.node for name in node.input}
    return [tensor for name, tensor in weights.items() if name in read - held]


def brain(values: NDArray[Any], name: str) -> TensorProto:
    """Weights rounded to the nearest bfloat16, ties to even: the upper half of a float32's bits."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    made = TensorProto(name=name, data_type=TensorProto.BFLOAT16, dims=values.shape)
    made.raw_data = rounded.astype("<u2").tobytes()
    return made
