"""Types are written in the graph: half precision, bfloat16."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from onnx import TensorProto, helper

from seamline.exporting import ExportError
from seamline.exporting.tensorrt.build import BuildOptions, build
from seamline.exporting.tensorrt.precision import Precision, brain, typed
from seamline.exporting.tensorrt.profile import Profile
from seamline.exporting.tensorrt.targets import Target
from seamline.exporting.tensorrt.trt_variant import TrtVariant
from tests.exporting.tensorrt.networks import convolutions, graph

KINDS = {"fp16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}


def test_float32_and_int8_stay_as_they_are() -> None:
    model = convolutions()
    assert typed(model, "fp32") is model
    assert typed(model, "int8") is model


@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_layers_change_their_type_and_the_wire_does_not(rtx: TrtVariant, precision: Precision) -> None:
    model = typed(convolutions(layers=3), precision)
    assert {tensor.data_type for tensor in model.graph.initializer} == {KINDS[precision]}
    wire = (*model.graph.input, *model.graph.output)
    assert {value.type.tensor_type.elem_type for value in wire} == {TensorProto.FLOAT}
    narrow = build(rtx, model, BuildOptions(Profile(), Target(89)))
    wide = build(rtx, convolutions(layers=3), BuildOptions(Profile(), Target(89)))
    assert len(narrow.plan) != len(wide.plan)


def test_bfloat16_rounds_to_the_nearest() -> None:
    values = np.concatenate([np.random.default_rng(0).standard_normal(5000) * 1e3, [0, -0.0, 1 + 2**-8, 1 + 3 * 2**-8]])
    rounded = np.frombuffer(brain(values, "values").raw_data, np.uint16)
    assert np.array_equal(rounded, values.astype(np.float32).astype(ml_dtypes.bfloat16).view(np.uint16))


def test_transposed_convolutions_have_no_bfloat16_and_are_built_all_the_same(rtx: TrtVariant) -> None:
    random = np.random.default_rng(0)
    weights = {name: random.standard_normal(shape).astype(np.float32) for name, shape in _SHAPES.items()}
    nodes = [
        helper.make_node("Conv", ["X", "before"], ["a"], "before", pads=[1, 1, 1, 1]),
        helper.make_node("ConvTranspose", ["a", "up", "bias"], ["b"], "up", strides=[2, 2]),
        helper.make_node("Conv", ["b", "after"], ["Y"], "after", pads=[1, 1, 1, 1]),
    ]
    model = typed(graph(nodes, ["batch", 3, 8, 8], {"Y": ["batch", 8, 16, 16]}, weights), "bf16")
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert kinds["up"] == kinds["bias"] == TensorProto.FLOAT
    assert build(rtx, model, BuildOptions(Profile(), Target(89))).plan


def test_a_network_whose_shapes_contradict_each_other_is_an_error() -> None:
    model = convolutions()
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 9
    with pytest.raises(ExportError, match="cannot be written in fp16, take it as it is"):
        typed(model, "fp16")


_SHAPES = {"before": (8, 3, 3, 3), "up": (8, 8, 2, 2), "bias": (8,), "after": (8, 8, 3, 3)}
