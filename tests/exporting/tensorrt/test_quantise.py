"""Quantise-dequantise graphs as TensorRT wants them, and which layers they leave alone."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from seamline.exporting.tensorrt.build import BuildOptions, build
from seamline.exporting.tensorrt.profile import Profile
from seamline.exporting.tensorrt.quantise import Quantised, quantise
from seamline.exporting.tensorrt.sensitivity import Loss, losses, worst
from seamline.exporting.tensorrt.targets import Target
from seamline.exporting.tensorrt.trt_variant import TrtVariant
from tests.exporting.tensorrt.networks import convolutions

INPUTS = [{"X": np.random.default_rng(seed).standard_normal((1, 3, 8, 8)).astype(np.float32)} for seed in range(4)]


@pytest.fixture(scope="module")
def quantised() -> Quantised:
    return quantise(convolutions(layers=3), INPUTS)


def answer(model: onnx.ModelProto) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, arrays)[0] for arrays in INPUTS])


def test_weights_have_a_scale_for_every_channel_and_no_zero_point(quantised: Quantised) -> None:
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in quantised.model.graph.initializer}
    weights = {name: array for name, array in values.items() if array.dtype == np.int8 and array.ndim == 4}
    assert len(weights) == 3
    for node in quantised.model.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            assert not values[node.input[2]].any()
            assert values[node.input[1]].shape == ((8,) if node.input[0] in weights else ())


def test_only_what_goes_into_a_convolution_is_quantised(quantised: Quantised) -> None:
    nodes = {name: node for node in quantised.model.graph.node for name in node.output}
    for node in quantised.model.graph.node:
        given = [nodes[name].op_type for name in node.input if name in nodes]
        if node.op_type == "Conv":
            assert given == ["DequantizeLinear", "DequantizeLinear"]
        if node.op_type == "Relu":
            assert given == ["Conv"]


def test_int8_is_near_float(quantised: Quantised) -> None:
    wanted, found = answer(quantised.original), answer(quantised.model)
    assert 0 < np.abs(found - wanted).max() < 0.05 * np.abs(wanted).max()


def test_a_layer_in_float_again_takes_its_own_weights(quantised: Quantised) -> None:
    assert quantised.layers == ["conv0", "conv1", "conv2"]
    some = quantised.in_float(["conv1"])
    assert some.layers == ["conv0", "conv2"]
    onnx.checker.check_model(some.model, full_check=True)
    assert np.array_equal(answer(quantised.in_float(quantised.layers).model), answer(quantised.original))


def test_nvidia_builds_it(rtx: TrtVariant, quantised: Quantised) -> None:
    for model in (quantised.model, quantised.in_float(["conv0"]).model):
        assert build(rtx, model, BuildOptions(Profile(), Target(89))).plan


def test_the_layer_that_loses_most_is_found() -> None:
    model = convolutions(layers=3)
    for tensor in model.graph.initializer:
        if tensor.name == "kernel1":  # one weight so large that the others of its channel round to nothing
            array = numpy_helper.to_array(tensor).copy()
            array[:, 0, 0, 0] = 40
            tensor.CopyFrom(numpy_helper.from_array(array, "kernel1"))
    found = losses(quantise(model, INPUTS), INPUTS)
    assert found[0].layer == "conv1"
    assert found[0].noise > 2 * found[1].noise


def test_the_fewest_layers_make_the_share() -> None:
    found = [Loss("a", 5.0), Loss("b", 3.0), Loss("c", 2.0)]
    assert [worst(found, share) for share in (0.0, 0.5, 0.6, 1.0)] == [[], ["a"], ["a", "b"], ["a", "b", "c"]]
