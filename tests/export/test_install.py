"""Installing weights: what fits goes in whole, what does not fit changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from export.install import InstallRefused, Shape, install, main, tensors
from seamline.garments import DEFAULT_SPEC

STEPS = ("crop", "detector", "encoder", "region_head")


def network(shapes: Mapping[str, Shape], marker: float = 0.0) -> bytes:
    """A graph with these tensors; the marker changes its bytes. Which are inputs does not matter here."""
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch" if size is None else size for size in shape])
        for name, shape in shapes.items()
    ]
    constant = helper.make_tensor("marker", TensorProto.FLOAT, [1], [marker])
    graph = helper.make_graph([], "network", values[:1], values[1:], [constant])
    return helper.make_model(graph).SerializeToString()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "model_repository"
    for step in STEPS:
        (folder / step).mkdir(parents=True)
        (folder / step / "config.pbtxt").write_text("")
    return folder


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    for name, shapes in tensors(DEFAULT_SPEC).items():
        (folder / f"{name}.onnx").write_bytes(network(shapes))
    (folder / "spec.json").write_text(DEFAULT_SPEC.to_json())
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_networks_and_the_same_spec_reach_every_step(weights: Path, repository: Path) -> None:
    spec = install(weights, repository)
    assert {(repository / step / "1/spec.json").read_text() for step in STEPS} == {spec.to_json()}
    assert (repository / "encoder/1/model.onnx").read_bytes() == (weights / "encoder.onnx").read_bytes()
    assert spec.fingerprint != DEFAULT_SPEC.fingerprint
    assert spec.detector_fingerprint != DEFAULT_SPEC.fingerprint


def test_the_fingerprint_follows_networks_and_numbers_that_determine_vectors(weights: Path, repository: Path) -> None:
    first = install(weights, repository)
    assert install(weights, repository) == first
    shapes = tensors(DEFAULT_SPEC)
    (weights / "detector.onnx").write_bytes(network(shapes["detector"], marker=1.0))
    second = install(weights, repository)
    assert second.fingerprint == first.fingerprint
    assert second.detector_fingerprint != first.detector_fingerprint
    (weights / "region_head.onnx").write_bytes(network(shapes["region_head"], marker=1.0))
    third = install(weights, repository)
    assert third.fingerprint != second.fingerprint
    wider = dataclasses.replace(DEFAULT_SPEC, crop=dataclasses.replace(DEFAULT_SPEC.crop, margin=0.2))
    (weights / "spec.json").write_text(wider.to_json())
    assert install(weights, repository).fingerprint != third.fingerprint


def test_calibration_alone_leaves_the_fingerprint(weights: Path, repository: Path) -> None:
    first = install(weights, repository)
    scoring = dataclasses.replace(DEFAULT_SPEC.scoring, copy_slope=3.0)
    (weights / "spec.json").write_text(dataclasses.replace(DEFAULT_SPEC, scoring=scoring).to_json())
    second = install(weights, repository)
    assert second.fingerprint == first.fingerprint
    assert second.scoring.copy_slope == 3.0


def test_one_network_alone_keeps_the_others_and_the_spec(weights: Path, repository: Path, tmp_path: Path) -> None:
    install(weights, repository)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "detector.onnx").write_bytes(network(tensors(DEFAULT_SPEC)["detector"], marker=2.0))
    before = contents(repository)
    install(alone, repository)
    after = contents(repository)
    assert after["encoder/1/model.onnx"] == before["encoder/1/model.onnx"]
    assert after["detector/1/model.onnx"] != before["detector/1/model.onnx"]


@pytest.mark.parametrize(
    ("part", "tensor", "shape"),
    [
        ("encoder", "FEATURES", (None, 64, 28, 28)),
        ("encoder", "CROP_LANDMARKS", (None, 15, 3)),
        ("encoder", "CROPS", (1, 224, 224, 3)),
        ("region_head", "EMBEDDING", (None, 5)),
        ("detector", "DETECTOR_SCORES", (None, 1344, 5)),
    ],
)
def test_a_wrong_shape_is_refused_and_changes_nothing(
    weights: Path, repository: Path, part: str, tensor: str, shape: Shape
) -> None:
    install(weights, repository)
    before = contents(repository)
    shapes = dict(tensors(DEFAULT_SPEC)[part]) | {tensor: shape}
    (weights / f"{part}.onnx").write_bytes(network(shapes))
    with pytest.raises(InstallRefused, match=tensor):
        install(weights, repository)
    assert contents(repository) == before


def test_a_wrong_name_is_refused_with_both_lists(weights: Path, repository: Path) -> None:
    (weights / "encoder.onnx").write_bytes(network({"CROPS": (None, 224, 224, 3), "MAP": (None, 128, 28, 28)}))
    with pytest.raises(InstallRefused, match=r"MAP.*FEATURES"):
        install(weights, repository)
    assert not list(repository.rglob("model.onnx"))


def test_an_empty_folder_and_a_stranger_repository_are_refused(weights: Path, repository: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InstallRefused, match="neither a network nor"):
        install(empty, repository)
    with pytest.raises(InstallRefused, match="not a model repository"):
        install(weights, empty)


def test_the_command_says_in_one_line_why_it_refused(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--weights", str(tmp_path / "none"), "--model-repository", str(repository)])
    assert code == 1
    assert "nothing was installed" in capsys.readouterr().err


def test_the_written_networks_are_readable(weights: Path, repository: Path) -> None:
    install(weights, repository)
    assert onnx.load(str(repository / "encoder/1/model.onnx")).graph.input[0].name == "CROPS"
    assert not list(repository.rglob("*.part"))
