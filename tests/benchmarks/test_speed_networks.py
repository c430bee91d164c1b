"""Forms of a network: what they are, what they answer, and how they are held against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.speed.networks import forms
from benchmarks.speed.networks.inputs import batch
from benchmarks.speed.networks.measure import compare, differences, in_turns


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """X [B,8,6,6] -> EMBEDDING [B,16]: a convolution, a rectifier and a product."""
    random = np.random.default_rng(0)
    kernels = numpy_helper.from_array(random.standard_normal((8, 8, 3, 3)).astype(np.float32), "kernels")
    weights = numpy_helper.from_array(random.standard_normal((128, 16)).astype(np.float32), "weights")
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["X", "kernels"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("Flatten", ["b"], ["c"]),
            helper.make_node("MatMul", ["c", "weights"], ["EMBEDDING"]),
        ],
        "small",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["batch", 8, 6, 6])],
        [helper.make_tensor_value_info("EMBEDDING", TensorProto.FLOAT, ["batch", 16])],
        [kernels, weights],
    )
    path = tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


@pytest.fixture
def rows() -> dict[str, np.ndarray]:
    return {"X": np.random.default_rng(1).standard_normal((6, 8, 6, 6)).astype(np.float32)}


def test_every_form_answers_what_the_served_one_answers(
    network: Path, rows: dict[str, np.ndarray], tmp_path: Path
) -> None:
    loaded = [forms.load(name, make(network, tmp_path, rows)) for name, make in forms.FORMS.items()]
    figures = {row.form: row for row in compare("small", loaded, rows, (1, 4), repeats=1)}
    assert list(figures) == list(forms.FORMS)
    assert figures["optimised offline"].largest["EMBEDDING"] < 1e-4
    for name in ("int8, dynamic", "int8, calibrated"):
        assert 0.99 < figures[name].cosine["EMBEDDING"] < 1
        assert figures[name].largest["EMBEDDING"] > 1e-3, "int8 rounds"
    assert all(set(row.medians) == {1, 4} and min(row.medians.values()) > 0 for row in figures.values())


def test_int8_stores_weights_in_a_fourth(network: Path, rows: dict[str, np.ndarray], tmp_path: Path) -> None:
    for make in (forms.dynamic_int8, forms.static_int8):
        weights = {tensor.data_type for tensor in onnx.load(make(network, tmp_path, rows)).graph.initializer}
        assert TensorProto.INT8 in weights


def test_the_last_convolutions_are_those_that_no_other_follows() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "w"], ["c"], name="boxes"),
        helper.make_node("Conv", ["b", "w"], ["d"], name="inner"),
        helper.make_node("Add", ["d", "b"], ["e"]),
        helper.make_node("Conv", ["e", "w"], ["f"], name="scores"),
        helper.make_node("Sigmoid", ["f"], ["g"]),
    ]
    model = helper.make_model(helper.make_graph(nodes, "heads", [], []))
    assert set(forms.last_convolutions(model)) == {"boxes", "scores"}


def test_bfloat16_is_refused_by_onnxruntime_on_processors() -> None:
    assert "NOT_IMPLEMENTED" in forms.bfloat16_refusal()


def test_a_batch_starts_again_where_rows_run_out() -> None:
    assert batch({"X": np.arange(3)}, 5)["X"].tolist() == [0, 1, 2, 0, 1]


def test_runs_take_turns() -> None:
    order: list[str] = []
    medians = in_turns([lambda: order.append("a"), lambda: order.append("b")], repeats=2)
    assert order == ["a", "b"] * 4
    assert len(medians) == 2


def test_differences_pass_over_vectors_of_zeros_and_find_the_worst_row() -> None:
    wanted = {"EMBEDDING": np.array([[[1, 0], [0, 0]], [[0, 1], [1, 0]]], np.float32)}
    found = {"EMBEDDING": np.array([[[1, 0], [0, 0]], [[0.6, 0.8], [1, 0]]], np.float32)}
    cosine, largest = differences(wanted, found)
    assert cosine["EMBEDDING"] == pytest.approx(0.8)
    assert largest["EMBEDDING"] == pytest.approx(0.6)
