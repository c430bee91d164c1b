"""The first layer that computes something else is named, whatever comes after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from seamline.exporting.divergence import first_divergence, graph_divergence, values_of
from seamline.exporting.errors import ExportRefused
from seamline.exporting.networks import Array
from seamline.exporting.onnx_graph import Traced, traced
from seamline.exporting.operators import check_operators
from seamline.systems.base import ExportedNetwork

TOLERANCE = 1e-3


class Small(nn.Module):
    """Three layers by name, the middle one within a module."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(inplace=True))
        self.last = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.last(self.block(torch.relu(self.first(x))))
        return made


def inputs(batch: int, photos: Sequence[Path]) -> Mapping[str, Array]:
    return {"X": np.random.default_rng(batch).standard_normal((batch, 3, 8, 8)).astype(np.float32)}


PART = ExportedNetwork("small", ("X",), ("Y",), lambda folder: Small(), inputs)


@pytest.fixture(scope="module")
def network() -> Small:
    torch.manual_seed(0)
    return Small().eval()


@pytest.fixture(scope="module")
def made(network: Small) -> Traced:
    return traced(network, PART)


def damaged(model: onnx.ModelProto, wanted: str) -> onnx.ModelProto:
    """A copy whose weight of this name is half as large again."""
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    for tensor in copied.graph.initializer:
        if tensor.name == wanted:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * np.float32(1.5), wanted))
            return copied
    raise AssertionError(f"no weight {wanted} among {[tensor.name for tensor in copied.graph.initializer]}")


def test_a_right_graph_has_no_layer_over_the_tolerance(network: Small, made: Traced) -> None:
    found = first_divergence(network, made.program, made.model, PART, inputs(1, ()), TOLERANCE)
    assert found is not None
    assert found.relative < TOLERANCE


@pytest.mark.parametrize(
    ("weight", "module"), [("first.weight", "first"), ("block.0.weight", "block.0"), ("last.weight", "")]
)
def test_the_damaged_layer_is_named_and_not_those_after_it(
    network: Small, made: Traced, weight: str, module: str
) -> None:
    found = first_divergence(network, made.program, damaged(made.model, weight), PART, inputs(1, ()), TOLERANCE)
    assert found is not None
    assert (found.operator, found.module) == ("Conv", module)
    assert found.relative > 0.1


def test_between_two_graphs_the_same(made: Traced) -> None:
    found = graph_divergence(made.model, damaged(made.model, "block.0.weight"), inputs(2, ()), TOLERANCE)
    assert found is not None
    assert found.operator == "Conv"
    assert str(found).startswith(f"{found.layer} (Conv), by 0.")


def test_a_module_that_behaves_differently_when_traced_is_named() -> None:
    class Sly(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * 2 if torch.compiler.is_exporting() else x * 3

    torch.manual_seed(0)
    network = Small().eval()
    network.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), Sly())
    made = traced(network, PART)
    found = first_divergence(network, made.program, made.model, PART, inputs(1, ()), TOLERANCE)
    assert found is not None
    assert (found.layer, found.operator) == ("block.1", "Sly")


def test_every_float_value_of_a_graph_is_exposed(made: Traced) -> None:
    values = values_of(made.model, inputs(1, ()))
    assert {name for node in made.model.graph.node for name in node.output} == set(values)


@pytest.mark.parametrize(("kind", "domain", "why"), [("NonZero", "", "lacks"), ("Relu", "own", "no standard")])
def test_a_layer_that_a_runtime_lacks_is_refused_by_name(kind: str, domain: str, why: str) -> None:
    node = helper.make_node(kind, ["x"], ["y"], name="the_layer", domain=domain)
    with pytest.raises(ExportRefused, match=f"the layer the_layer .*{kind}.*{why}"):
        check_operators(helper.make_model(helper.make_graph([node], "graph", [], [])))
