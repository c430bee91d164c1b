"""Half precision where it costs nothing that matters, and the caller's types as they were."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from seamline.exporting.errors import ExportRefused
from seamline.exporting.half import half_nodes, to_half
from seamline.exporting.onnx_graph import check

Floats = NDArray[np.float32]


def weight(name: str, *shape: int, scale: float = 0.2) -> onnx.TensorProto:
    values = np.random.default_rng(len(name)).standard_normal(shape) * scale
    return numpy_helper.from_array(values.astype(np.float32), name)


def graph(scale: float = 0.2) -> onnx.ModelProto:
    """Pixels are normalised, convolved twice with a Relu between, and each map is divided by its length."""
    nodes = [
        ("Cast", ["PIXELS"], ["pixels"], {"to": TensorProto.FLOAT}),
        ("Div", ["pixels", "range"], ["x"], {}),
        ("Conv", ["x", "first"], ["a"], {"pads": [1, 1, 1, 1]}),
        ("Relu", ["a"], ["b"], {}),
        ("Conv", ["b", "second"], ["MAP"], {"pads": [1, 1, 1, 1]}),
        ("ReduceL2", ["MAP"], ["length"], {"axes": [1, 2, 3], "keepdims": 1}),
        ("Div", ["MAP", "length"], ["UNIT"], {}),
    ]
    shape = ["batch", 4, 8, 8]
    made = helper.make_graph(
        [helper.make_node(kind, of, to, name=f"n_{to[0]}", **more) for kind, of, to, more in nodes],
        "two layers",
        [helper.make_tensor_value_info("PIXELS", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("MAP", "UNIT")],
        [weight("first", 4, 4, 3, 3), weight("second", 4, 4, 3, 3, scale=scale),
         numpy_helper.from_array(np.float32(255), "range")],
    )  # fmt: skip
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def run(model: onnx.ModelProto) -> Mapping[str, Floats]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    pixels = np.random.default_rng(0).integers(0, 256, (2, 4, 8, 8), np.uint8)
    return dict(zip(("MAP", "UNIT"), session.run(["MAP", "UNIT"], {"PIXELS": pixels}), strict=True))


def test_layers_and_what_only_carries_between_them_run_in_half_precision() -> None:
    assert half_nodes(graph()) == {"n_a", "n_b", "n_MAP"}


def test_what_a_choice_depends_on_keeps_single_precision() -> None:
    model = graph()
    model.graph.node.append(helper.make_node("ArgMax", ["b"], ["place"], name="n_place", axis=1))
    assert half_nodes(model) == {"n_MAP"}


def test_inputs_and_outputs_keep_their_types_and_the_graph_is_valid() -> None:
    half = to_half(graph())
    check(half)
    kinds = {value.name: value.type.tensor_type.elem_type for value in (*half.graph.input, *half.graph.output)}
    assert kinds == {"PIXELS": TensorProto.UINT8, "MAP": TensorProto.FLOAT, "UNIT": TensorProto.FLOAT}
    assert {tensor.name: tensor.data_type for tensor in half.graph.initializer} == {
        "range": TensorProto.FLOAT, "first_half": TensorProto.FLOAT16, "second_half": TensorProto.FLOAT16
    }  # fmt: skip


def test_no_value_is_cast_twice() -> None:
    casts = [node for node in to_half(graph()).graph.node if node.op_type == "Cast"]
    assert [(node.input[0], node.output[0]) for node in casts] == [
        ("PIXELS", "pixels"), ("x", "x_half"), ("MAP_half", "MAP")
    ]  # fmt: skip


def test_it_computes_the_same_but_for_rounding() -> None:
    wanted, found = run(graph()), run(to_half(graph()))
    assert 0 < np.abs(found["MAP"] - wanted["MAP"]).max() < 2e-3 * np.abs(wanted["MAP"]).max()
    np.testing.assert_allclose(np.linalg.norm(found["UNIT"].reshape(2, -1), axis=1), 1, atol=1e-6)


def test_the_graph_itself_is_left_alone() -> None:
    model = graph()
    before = model.SerializeToString()
    to_half(model)
    assert model.SerializeToString() == before


def test_a_weight_that_half_precision_cannot_hold_is_refused() -> None:
    with pytest.raises(ExportRefused, match="the weight second is beyond half precision's range"):
        to_half(graph(scale=1e6))
