"""The fused network against the steps it stands for, and the repository in which it is served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")

from PIL import Image

from benchmarks.speed.fused import graph, repository
from benchmarks.speed.fused.__main__ import largest_distance, least_cosine
from benchmarks.speed.fused.in_process import FusedPath
from benchmarks.speed.fused.photos import SIDE, side_by_side
from benchmarks.speed.fused.steps import category_numbers
from seamline.core.spec import CATEGORIES
from seamline.evaluation.weights import Weights
from seamline.serving.local_pipeline import Describer, Found
from seamline.serving.triton import TICKET
from tests.contract.test_configs import step_class
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY, read_config


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return repository.write(MODEL_REPOSITORY, ENSEMBLES, tmp_path_factory.mktemp("fused"))


def test_the_fused_network_says_what_the_steps_say(fused: tuple[Path, Path]) -> None:
    weights = Weights.of_repository(fused[0])
    crops = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)
    squares = np.array([[0, 0, 224, 224], [5, 5, 453, 453], [9, 1, 121, 113]], np.float32)
    categories = ("vest", "trousers", "skirt")
    found = Found(squares, squares, np.ones(3, np.float32), categories, crops)
    stepwise = Describer(weights, threads=1).describe(crops, squares, categories)
    together = FusedPath(weights, fused[0] / "fused" / "1" / "model.onnx").describe(found)
    assert (stepwise.region_visible > 0).any()
    np.testing.assert_allclose(together["REGION_VISIBLE"], stepwise.region_visible, atol=1e-5)
    np.testing.assert_allclose(together["LANDMARKS"], stepwise.landmarks, atol=1e-2)
    np.testing.assert_allclose(together["REGION_BOXES"], stepwise.region_boxes, atol=1e-2)
    cosines = (together["EMBEDDING"] * stepwise.embedding).sum(-1)
    np.testing.assert_allclose(cosines, stepwise.region_visible > 0, atol=1e-4)


def test_the_fused_network_has_the_tensors_of_its_config(fused: tuple[Path, Path]) -> None:
    config = read_config(fused[0] / "fused" / "config.pbtxt")
    network = onnx.load(fused[0] / "fused" / "1" / "model.onnx").graph
    assert {tensor.name for tensor in config.input} == {value.name for value in network.input} == set(graph.INPUTS)
    assert {tensor.name for tensor in config.output} == {value.name for value in network.output} == set(graph.OUTPUTS)
    assert [node.op_type for node in network.node].count("RoiAlign") == 1


def test_every_tensor_of_the_fused_ensemble_comes_from_somewhere(fused: tuple[Path, Path]) -> None:
    ensemble = read_config(fused[1] / "embed_fused" / "config.pbtxt")
    known = {tensor.name for tensor in ensemble.input}
    for step in ensemble.ensemble_scheduling.step:
        config = read_config(fused[0] / step.model_name / "config.pbtxt")
        assert set(step.input_map) == {tensor.name for tensor in config.input}
        assert set(step.input_map.values()) <= known
        assert set(step.output_map) <= {tensor.name for tensor in config.output}
        known |= set(step.output_map.values())
    served = read_config(ENSEMBLES / "embed" / "config.pbtxt")
    assert [tensor.name for tensor in ensemble.output] == [tensor.name for tensor in served.output]
    assert {tensor.name for tensor in ensemble.output} <= known


@pytest.mark.parametrize(("model", "step"), [("numbered_crop", "NumberedCrop"), ("finish", "Finish")])
def test_python_steps_declare_the_tensors_of_their_config(fused: tuple[Path, Path], model: str, step: str) -> None:
    from benchmarks.speed.fused import steps

    config = read_config(fused[0] / model / "config.pbtxt")
    assert {tensor.name for tensor in config.input} == {*getattr(steps, step).inputs, TICKET}
    assert {tensor.name for tensor in config.output} == set(getattr(steps, step).outputs)
    assert issubclass(steps.NumberedCrop, step_class("crop"))


def test_categories_are_numbered_in_the_order_of_the_spec() -> None:
    assert category_numbers((*CATEGORIES, "", "hat"))[:, 0].tolist() == [*range(13), 13, 13]


def test_photos_are_put_side_by_side(tmp_path: Path) -> None:
    photos = []
    for number in range(3):
        photos.append(tmp_path / f"{number}.png")
        Image.new("RGB", (20, 30), (number * 100, 0, 0)).save(photos[-1])
    (tmp_path / "sheet.jpg").write_bytes(side_by_side(photos))
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.size == (2 * SIDE, 2 * SIDE)
        assert abs(np.asarray(sheet)[SIDE // 2, SIDE + SIDE // 2].astype(int) - [100, 0, 0]).max() < 4
    assert side_by_side(photos[:1]) == photos[0].read_bytes()


def answer(embedding: list[float], seen: float, place: float) -> dict[str, np.ndarray]:
    return {
        "EMBEDDING": np.array([[embedding]], np.float32),
        "REGION_VISIBLE": np.array([[seen]], np.float32),
        "LANDMARKS": np.array([[[place, 0, 0.5]]], np.float32),
        "REGION_BOXES": np.array([[[0, 0, 9, 9]]], np.float32),
    }


def test_a_difference_between_the_chains_is_found() -> None:
    same, turned = answer([1, 0], 1, 5), answer([0.6, 0.8], 1, 7)
    assert (least_cosine([(same, same)]), largest_distance([(same, same)])) == (1, 0)
    assert least_cosine([(same, same), (same, turned)]) == pytest.approx(0.6)
    assert largest_distance([(same, turned)]) == 2
    assert least_cosine([(answer([0, 0], 0, 5), answer([1, 0], 1, 5))]) == 0, "a region that only one chain sees"
