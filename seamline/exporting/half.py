"""A graph whose convolutions and linear layers run in half precision, as far as they may.

What lies between two such layers runs in half precision too where it only carries, scales or joins values. Everything
else keeps float32: the pixels' normalisation, means and spreads, the reading of landmarks and boxes, unit length. So do
the layers before an ArgMax, however far: a landmark is the highest of many peaks, and rounding decides between two of
like height. Inputs and outputs keep their types. Each value is cast at most once, and a value that two float32 nodes
share is never rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import onnx
import onnx_ir
from onnx import TensorProto, helper, numpy_helper
from onnx_ir.passes import common as passes
from onnxscript.optimizer import fold_constants

from seamline.exporting.errors import ExportRefused

LAYERS = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
"""What costs time and holds weights. A MatMul counts where one side is a weight."""

CARRIERS = frozenset({"Add", "Clip", "Relu", "LeakyRelu", "MaxPool", "AveragePool", "Resize", "Concat", "Slice"})
"""What may run in half precision between layers."""

CHOICES = frozenset({"ArgMax", "ArgMin", "TopK"})
"""What turns a small difference into a large one."""

LARGEST = float(np.finfo(np.float16).max)

_LARGEST_TENSOR = 2**31

_SINGLE_INPUTS = {"Resize": 1}
"""From this input on, an operator's inputs stay float32 whatever it computes in."""


def to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of a float32 graph with its layers in float16. Raises ExportRefused for a weight beyond float16's
    range."""
    return _Rewriting(_folded(model)).result()


def _folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """What is computed of weights alone becomes a weight, so that it is known as one."""
    graph = onnx_ir.from_proto(model)
    fold_constants(graph, input_size_limit=_LARGEST_TENSOR, output_size_limit=_LARGEST_TENSOR)
    return onnx_ir.to_proto(passes.RemoveUnusedNodesPass()(graph).model)


def half_nodes(model: onnx.ModelProto) -> set[str]:
    """Names of the nodes that run in float16: the layers, and the carriers on the way from layers to layers alone."""
    constants = {tensor.name for tensor in model.graph.initializer}
    layers = {node.name for node in model.graph.node if _is_layer(node, constants)} - _before_choices(model)
    reached = _from_layers(model, layers, constants)
    return layers | _to_layers(model, layers, reached)


def _is_layer(node: onnx.NodeProto, constants: set[str]) -> bool:
    return node.op_type in LAYERS and (node.op_type != "MatMul" or bool(constants & set(node.input)))


def _before_choices(model: onnx.ModelProto) -> set[str]:
    """Nodes whose results a choice depends on."""
    wanted: set[str] = set()
    found = set()
    for node in reversed(model.graph.node):
        if node.op_type in CHOICES or wanted & set(node.output):
            found.add(node.name)
            wanted |= set(node.input)
    return found


def _from_layers(model: onnx.ModelProto, layers: set[str], constants: set[str]) -> set[str]:
    """Carriers whose inputs, weights aside, all come from layers."""
    half = {output for node in model.graph.node if node.name in layers for output in node.output}
    found = set()
    for node in model.graph.node:
        inputs = {name for name in node.input if name and name not in constants}
        if node.op_type in CARRIERS and inputs and inputs <= half:
            found.add(node.name)
            half |= set(node.output)
    return found


def _to_layers(model: onnx.ModelProto, layers: set[str], carriers: set[str]) -> set[str]:
    """Carriers that some layer uses, directly or through other carriers."""
    wanted: set[str] = set()
    found = set()
    for node in reversed(model.graph.node):
        used = node.name in carriers and bool(wanted & set(node.output))
        if used:
            found.add(node.name)
        if used or node.name in layers:
            wanted |= set(node.input)
    return found


class _Rewriting:
    """One pass over the nodes in their order; casts stand in front of the first node that needs them."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self._half = half_nodes(model)
        self._float = _float_values(model)
        self._weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self._outputs = {value.name for value in model.graph.output}
        self._nodes: list[onnx.NodeProto] = []
        self._halves: dict[str, str] = {}
        self._singles: dict[str, str] = {}
        self._made: dict[str, onnx.TensorProto] = {}
        self._in_half: set[str] = set()

    def result(self) -> onnx.ModelProto:
        for node in self._model.graph.node:
            self._put(node)
        copied = onnx.ModelProto()
        copied.CopyFrom(self._model)
        graph = copied.graph
        del graph.node[:], graph.value_info[:], graph.initializer[:]
        graph.node.extend(self._nodes)
        graph.initializer.extend(self._used_weights())
        return onnx.shape_inference.infer_shapes(copied, strict_mode=True, data_prop=True)

    def _put(self, node: onnx.NodeProto) -> None:
        copied = onnx.NodeProto()
        copied.CopyFrom(node)
        half = node.name in self._half
        for place, name in enumerate(node.input):
            if name in self._float:
                single = not half or place >= _SINGLE_INPUTS.get(node.op_type, len(node.input))
                copied.input[place] = self._single_of(name) if single else self._half_of(name)
        self._nodes.append(copied)
        if half:
            self._in_half |= set(node.output)
            self._give_outputs(copied)

    def _give_outputs(self, node: onnx.NodeProto) -> None:
        """The caller's outputs stay float32 under their own names."""
        for place, name in enumerate(node.output):
            if name in self._outputs:
                node.output[place] = self._halves[name] = f"{name}_half"
                self._nodes.append(_cast(f"{name}_half", name, TensorProto.FLOAT))
                self._singles[name] = name

    def _half_of(self, name: str) -> str:
        if name in self._weights:
            self._made.setdefault(f"{name}_half", _half_weight(self._weights[name], f"{name}_half"))
            return f"{name}_half"
        if name in self._in_half:
            return self._halves.get(name, name)
        return self._cast_once(self._halves, name, f"{name}_half", TensorProto.FLOAT16)

    def _single_of(self, name: str) -> str:
        if name not in self._in_half:
            return name
        return self._cast_once(self._singles, name, f"{name}_single", TensorProto.FLOAT)

    def _cast_once(self, done: dict[str, str], name: str, renamed: str, kind: int) -> str:
        if name not in done:
            done[name] = renamed
            self._nodes.append(_cast(name, renamed, kind))
        return done[name]

    def _used_weights(self) -> Iterator[onnx.TensorProto]:
        used = {name for node in self._nodes for name in node.input}
        yield from (tensor for name, tensor in self._weights.items() if name in used)
        yield from self._made.values()


def _cast(name: str, renamed: str, kind: int) -> onnx.NodeProto:
    return helper.make_node("Cast", [name], [renamed], name=f"cast_{renamed}", to=kind)


def _half_weight(tensor: onnx.TensorProto, name: str) -> onnx.TensorProto:
    values = numpy_helper.to_array(tensor)
    if np.abs(values).max(initial=0) > LARGEST:
        raise ExportRefused(f"the weight {tensor.name} is beyond half precision's range; export it in float32")
    return numpy_helper.from_array(values.astype(np.float16), name)


def _float_values(model: onnx.ModelProto) -> set[str]:
    """Names of all float32 values."""
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    kinds: Mapping[str, int] = {
        **{value.name: value.type.tensor_type.elem_type for value in (*graph.input, *graph.value_info, *graph.output)},
        **{tensor.name: tensor.data_type for tensor in graph.initializer},
    }
    return {name for name, kind in kinds.items() if kind == TensorProto.FLOAT}
