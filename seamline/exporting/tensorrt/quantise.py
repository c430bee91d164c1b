"""Quantise-dequantise graphs as TensorRT wants them: int8 in and out of convolutions, everything else as it was.

Symmetric, with no zero point; a scale for every output channel of a weight and one for each activation; biases stay
float32. Only what goes into a convolution is quantised, as NVIDIA advises: a pair between a convolution and its
activation would keep the two from becoming one kernel. onnxruntime's quantiser calibrates and writes the graph; which
layers are float again is done here, because its `nodes_to_exclude` leaves a layer in int8 that shares its input or its
weights with a quantised one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from seamline.exporting.networks import Array
from seamline.exporting.tensorrt.graph import drop_unused

LAYERS = ("Conv", "ConvTranspose")

_OPTIONS = {
    "ActivationSymmetric": True,
    "WeightSymmetric": True,
    "QuantizeBias": False,
    "OpTypesToExcludeOutputQuantization": list(LAYERS),
}


class Reader(CalibrationDataReader):  # type: ignore[misc]
    """Inputs one at a time, as onnxruntime's quantiser asks for them."""

    def __init__(self, inputs: Iterable[Mapping[str, Array]]) -> None:
        self._inputs: Iterator[Mapping[str, Array]] = iter(inputs)

    def get_next(self) -> Mapping[str, Array] | None:
        """The next inputs, None after the last."""
        return next(self._inputs, None)


@dataclasses.dataclass(frozen=True)
class Quantised:
    """A graph with int8 layers, and the float graph that it was made from, with the same names of nodes."""

    model: onnx.ModelProto
    original: onnx.ModelProto

    @property
    def layers(self) -> list[str]:
        """Names of the layers that compute in int8, in the graph's order."""
        made = {name for node in self.model.graph.node if node.op_type == "DequantizeLinear" for name in node.output}
        return [node.name for node in self.model.graph.node if node.op_type in LAYERS and node.input[0] in made]

    def in_float(self, names: Iterable[str]) -> Quantised:
        """The same with these layers in float32 again: their input and weights as they were."""
        chosen, before = set(names), {node.name: node for node in self.original.graph.node}
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        sources = _sources(model.graph)
        weights = {tensor.name: tensor for tensor in self.original.graph.initializer}
        held = {tensor.name for tensor in model.graph.initializer}
        for node in model.graph.node:
            if node.name in chosen and node.op_type in LAYERS:
                weight = before[node.name].input[1]
                node.input[0] = sources.get(node.input[0], node.input[0])
                node.input[1] = weight
                if weight not in held:
                    model.graph.initializer.append(weights[weight])
                    held.add(weight)
        drop_unused(model.graph)
        return Quantised(model, self.original)


def quantise(model: onnx.ModelProto, inputs: Iterable[Mapping[str, Array]]) -> Quantised:
    """Run the network on the inputs and give every convolution int8 weights and inputs with the ranges that were
    seen. Nodes keep their names."""
    with tempfile.TemporaryDirectory() as folder, _quiet():
        before, after = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, str(before))
        quantize_static(
            before, after, Reader(inputs), quant_format=QuantFormat.QDQ, op_types_to_quantize=list(LAYERS),
            per_channel=True, activation_type=QuantType.QInt8, weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax, extra_options=dict(_OPTIONS),
        )  # fmt: skip
        return Quantised(onnx.load(str(after)), model)


def _sources(graph: onnx.GraphProto) -> dict[str, str]:
    """What a DequantizeLinear gives -> the float value that went into its QuantizeLinear."""
    quantised = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "QuantizeLinear"}
    pairs = [node for node in graph.node if node.op_type == "DequantizeLinear" and node.input[0] in quantised]
    return {node.output[0]: quantised[node.input[0]] for node in pairs}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the advice to optimise the graph first, which would fuse what TensorRT fuses better."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
