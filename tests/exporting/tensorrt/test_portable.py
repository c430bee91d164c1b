"""The same computation in operators that NVIDIA takes everywhere."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from seamline.exporting.networks import default_networks
from seamline.exporting.tensorrt.portable import portable
from tests.exporting.tensorrt.networks import graph, product
from tests.support.repositories import MODEL_REPOSITORY

NETWORKS = default_networks()

RANDOM = np.random.default_rng(3)


def answers(model: onnx.ModelProto, x: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(None, {"X": x}))


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def numbers(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def test_a_product_with_weights_on_the_right_becomes_a_convolution() -> None:
    model, x = product(), numbers(3, 5, 16)
    changed = portable(model)
    assert "MatMul" not in operators(changed)
    np.testing.assert_allclose(answers(changed, x)[0], answers(model, x)[0], rtol=1e-5, atol=1e-5)


def test_matrices_on_the_left_become_groups() -> None:
    node = helper.make_node("MatMul", ["weight", "X"], ["Y"], "product")
    model = graph([node], ["batch", 5, 7, 3], {"Y": ["batch", 5, 4, 3]}, {"weight": numbers(5, 4, 7)})
    changed, x = portable(model), numbers(2, 5, 7, 3)
    assert operators(changed) == ["Reshape", "Conv", "Reshape"]
    np.testing.assert_allclose(answers(changed, x)[0], answers(model, x)[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("turned", [0, 1])
def test_a_linear_layer_keeps_its_bias(turned: int) -> None:
    weight = numbers(4, 6) if turned else numbers(6, 4)
    node = helper.make_node("Gemm", ["X", "weight", "bias"], ["Y"], "linear", transB=turned)
    model = graph([node], ["batch", 6], {"Y": ["batch", 4]}, {"weight": weight, "bias": numbers(4)})
    changed, x = portable(model), numbers(3, 6)
    assert "Gemm" not in operators(changed)
    np.testing.assert_allclose(answers(changed, x)[0], answers(model, x)[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bias", [numbers(1, 4), numbers(1)], ids=["a row", "one number"])
def test_a_bias_that_a_convolution_has_not_keeps_the_linear_layer(bias: np.ndarray) -> None:
    node = helper.make_node("Gemm", ["X", "weight", "bias"], ["Y"], "linear")
    model = graph([node], ["batch", 6], {"Y": ["batch", 4]}, {"weight": numbers(6, 4), "bias": bias})
    assert operators(portable(model)) == ["Gemm"]


def test_a_product_of_two_tensors_that_vary_stays() -> None:
    node = helper.make_node("MatMul", ["X", "X"], ["Y"], "square")
    model = graph([node], ["batch", 4, 4], {"Y": ["batch", 4, 4]})
    assert operators(portable(model)) == ["MatMul"]


def test_bytes_are_cast_before_they_are_turned() -> None:
    nodes = [
        helper.make_node("Transpose", ["X"], ["t"], "turn", perm=[0, 2, 1]),
        helper.make_node("Cast", ["t"], ["Y"], "widen", to=TensorProto.FLOAT),
    ]
    model = graph(nodes, ["batch", 4, 6], {"Y": ["batch", 6, 4]}, kind=TensorProto.UINT8)
    changed, x = portable(model), RANDOM.integers(0, 256, (2, 4, 6), np.uint8)
    assert operators(changed) == ["Cast", "Transpose"]
    assert np.array_equal(answers(changed, x)[0], answers(model, x)[0])


def test_what_is_portable_is_not_changed_again() -> None:
    once = portable(product())
    assert portable(once).SerializeToString() == once.SerializeToString()


@pytest.mark.parametrize("part", list(NETWORKS))
def test_served_networks_are_portable(part: str) -> None:
    model = onnx.load(str(MODEL_REPOSITORY / part / "1/model.onnx"))
    assert operators(portable(model)) == operators(model)
