"""Int8 at a known cost: what costs too much is refused, with its report left behind and nothing else."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from PIL import Image

from seamline.evaluation.photos import Options
from seamline.exporting import ExportError, ExportRefused, default_networks
from seamline.exporting.tensorrt import int8
from seamline.exporting.tensorrt.calibration import inputs
from seamline.exporting.tensorrt.cost import Cost
from seamline.exporting.tensorrt.int8 import Int8Options, make
from seamline.exporting.tensorrt.network import Network
from seamline.exporting.tensorrt.profile import Profile
from seamline.serving.weights import Weights
from tests.exporting.tensorrt.networks import convolutions, graph
from tests.support.repositories import MODEL_REPOSITORY

NETWORKS = default_networks()

COST = Cost(queries=40, photos=300, before=0.9, after=0.893, low=0.001, high=0.012)
SEEN = [{"X": np.random.default_rng(seed).standard_normal((1, 3, 8, 8)).astype(np.float32)} for seed in range(3)]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return Weights.of_repository(MODEL_REPOSITORY)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """A benchmark that finds COST, for inputs that no photo was needed for."""
    monkeypatch.setattr(int8, "inputs", lambda *_: SEEN)
    monkeypatch.setattr(int8, "cost", lambda *_: COST)
    return Options(tmp_path / "photos", tmp_path / "cache")


def network(model: onnx.ModelProto) -> Network:
    return Network("encoder", NETWORKS["encoder"], Path("encoder.onnx"), model, Profile())


def grey_photos(folder: Path, count: int) -> Path:
    """Each of another grey, without anything on it."""
    folder.mkdir()
    for index in range(count):
        Image.new("RGB", (64, 48), (40 * index,) * 3).save(folder / f"{index}.png")
    return folder


def test_what_is_worth_it_is_written_with_its_report(weights: Weights, bench: Options, tmp_path: Path) -> None:
    wanted = Int8Options(bench.photos, float_share=0.01, most_map_loss=0.01)
    report = make(network(convolutions(layers=3)), weights, wanted, bench, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["encoder.int8.json", "encoder.onnx"]
    written = onnx.load(str(tmp_path / "out/encoder.onnx"))
    quantised = [node for node in written.graph.node if node.op_type == "QuantizeLinear"]
    assert len(quantised) == report.layers - len(report.in_float) == 2
    data = json.loads((tmp_path / "out/encoder.int8.json").read_text())
    assert data["cost"]["queries"] == 40
    assert data["loss"] == pytest.approx(0.007)


def test_what_costs_too_much_leaves_its_report_alone(weights: Weights, bench: Options, tmp_path: Path) -> None:
    wanted = Int8Options(bench.photos, most_map_loss=0.005)
    with pytest.raises(
        ExportRefused, match=r"costs 0\.0070 of mAP \(0\.9000 to 0\.8930 on 40 queries\), 0\.005 is allowed"
    ):
        make(network(convolutions(layers=3)), weights, wanted, bench, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["encoder.int8.json"]


def test_a_network_without_convolutions_is_an_error(weights: Weights, bench: Options, tmp_path: Path) -> None:
    model = graph([helper.make_node("Relu", ["X"], ["Y"], "only")], ["batch", 3, 8, 8], {"Y": ["batch", 3, 8, 8]})
    with pytest.raises(ExportError, match="no convolution that int8 is for"):
        make(network(model), weights, Int8Options(bench.photos), bench, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_gain_is_no_reason_to_refuse_and_an_unknown_cost_is() -> None:
    assert not dataclasses.replace(COST, after=0.95).refusals(0.0)
    (said,) = dataclasses.replace(COST, queries=0, after=float("nan")).refusals(1.0)
    assert "no query has copies to find" in said


def test_the_seed_draws_the_photos(weights: Weights, tmp_path: Path) -> None:
    folder = grey_photos(tmp_path / "photos", 6)
    first, again, other = (inputs(NETWORKS["detector"], folder, 3, seed, weights) for seed in (0, 0, 1))
    assert len(first) == 3
    assert first[0]["DETECTOR_INPUT"].shape == (1, weights.spec.detector.side, weights.spec.detector.side, 3)
    joined = [np.concatenate([row["DETECTOR_INPUT"] for row in rows]) for rows in (first, again, other)]
    assert np.array_equal(joined[0], joined[1])
    assert not np.array_equal(joined[0], joined[2])


def test_photos_without_garments_calibrate_no_encoder(weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no garment was found"):
        inputs(NETWORKS["encoder"], grey_photos(tmp_path / "photos", 2), 4, 0, weights)


def test_a_folder_without_photos_is_an_error(weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="holds no photo"):
        inputs(NETWORKS["encoder"], tmp_path, 4, 0, weights)


def test_the_region_head_stays_in_float(weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="region_head stays in float"):
        inputs(NETWORKS["region_head"], tmp_path, 4, 0, weights)
