"""Region vectors of PS-Net, and that the served networks give the same."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from export.to_onnx import main
from seamline.core.spec import CATEGORIES, LANDMARKS
from seamline.exporting.install import install, rollback, verify
from seamline.nn.checkpoint import save
from seamline.serving.weights import newest
from seamline.systems.psnet.config import PSNetConfig
from seamline.systems.psnet.head import PSNetHead, region_boxes_of
from seamline.systems.psnet.network import PSNet, ServedEncoder, ServedHead
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes, roi_align
from tests.support.bundle_contract import assert_is_a_bundle
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY
from tests.support.small_weights import contents

CONFIG = PSNetConfig(backbone="test_resnet", width=48)


@pytest.fixture(scope="module")
def net() -> PSNet:
    torch.manual_seed(0)
    network = PSNet(CONFIG)
    norm = network.head.norm
    for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
        assert tensor is not None
        torch.nn.init.uniform_(tensor, 0.5, 2.0)
    return network.eval()


@pytest.fixture(scope="module")
def served(net: PSNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("psnet")
    save(net, folder / "psnet.pt")
    for part in ("encoder", "region_head"):
        assert main([str(folder), "--system", "psnet", "--network", part, "--out", str(folder)]) == 0
    return folder


def session(served: Path, part: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(served / f"{part}.onnx"), options, providers=["CPUExecutionProvider"])


def boxes_and_visible(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    corners = torch.rand(count, 5, 2, 2, generator=torch.Generator().manual_seed(1)) * 200
    visible = torch.ones(count, 5)
    visible[:, 3] = 0
    return torch.cat([corners.amin(2), corners.amax(2) + 20], -1), visible


def test_projecting_the_map_and_projecting_the_pooled_means_give_the_same_vectors(net: PSNet) -> None:
    features = torch.rand(3, 48, 28, 28)
    boxes, visible = boxes_and_visible(3)
    with torch.inference_mode():
        after = net.head(features, boxes, visible)
        projected = net.head.project(features).numpy()
        pooled = np.stack([roi_align(*pair, 7, 8.0) for pair in zip(projected, boxes.numpy(), strict=True)])
        before = ServedHead(net)(torch.from_numpy(pooled), visible)
    assert torch.allclose(before, after, atol=1e-4)
    assert after.norm(dim=-1)[0].tolist() == pytest.approx([1, 1, 1, 0, 1], abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_served_path_gives_the_vectors_of_training(net: PSNet, served: Path, count: int) -> None:
    crops = np.random.default_rng(count).integers(0, 256, (count, 224, 224, 3), np.uint8)
    boxes, visible = boxes_and_visible(count)
    with torch.inference_mode():
        output = net(torch.from_numpy(crops))
        wanted = net.head(output.features, boxes, visible)
    features, landmarks = session(served, "encoder").run(None, {"CROPS": crops})
    pooled = np.stack([roi_align(*pair, 7, 8.0) for pair in zip(features, boxes.numpy(), strict=True)])
    inputs = {"REGION_FEATURES": pooled, "REGION_VISIBLE": visible.numpy()}
    (vectors,) = session(served, "region_head").run(None, inputs)
    np.testing.assert_allclose(landmarks, output.landmarks, atol=1e-3)
    np.testing.assert_allclose(vectors, wanted, atol=1e-3)


@pytest.mark.parametrize("part", ["encoder", "region_head"])
def test_the_graph_has_fixed_shapes_but_for_the_batch_and_friendly_operators(served: Path, part: str) -> None:
    graph = onnx.load(served / f"{part}.onnx").graph
    assert not {node.op_type for node in graph.node} & {"NonZero", "Loop", "If", "Scan", "Compress", "RoiAlign"}
    assert all(d.HasField("dim_value") for value in graph.output for d in value.type.tensor_type.shape.dim[1:])


def test_it_is_installed_beside_the_shipped_system_and_taken_away_again(served: Path, tmp_path: Path) -> None:
    repository = tmp_path / "model_repository"
    shutil.copytree(MODEL_REPOSITORY, repository, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ENSEMBLES, tmp_path / "ensembles")
    before = contents(tmp_path)
    assert install(served, repository, system="psnet").version == 1
    assert (newest(repository, "psnet_encoder") / "model.onnx").read_bytes() == (served / "encoder.onnx").read_bytes()
    assert verify(repository) == []
    assert_is_a_bundle(repository, tmp_path / "ensembles")
    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"model_repository/manifest.json"}
    assert rollback(repository, system="psnet") is None
    assert contents(tmp_path) == before


@pytest.mark.parametrize("options", [{"decode": "soft-argmax", "attention": "unet"}, {"attention": "none"}])
def test_deviating_networks_trace_to_the_same_interface(options: dict[str, str]) -> None:
    torch.manual_seed(0)
    network = PSNet(dataclasses.replace(CONFIG, heatmap_side=56, **options)).eval()  # type: ignore[arg-type]
    crops = torch.zeros(2, 224, 224, 3, dtype=torch.uint8)
    program = torch.export.export(ServedEncoder(network), (crops,))
    shapes = [tuple(output.shape) for output in program.module()(crops)]
    assert shapes == [(2, 128, 28, 28), (2, len(LANDMARKS), 3)]


def test_absent_regions_do_not_enter_the_batch_statistics() -> None:
    torch.manual_seed(0)
    head = PSNetHead(16, 8).train()
    means, visible = torch.randn(4, 5, 8), torch.ones(4, 5)
    visible[:, 4] = 0
    other = means.clone()
    other[:, 4] += 100
    first, second = head.finish(means, visible), head.finish(other, visible)
    assert torch.equal(first, second)
    assert not first[:, 4].any()
    assert first[:, :4].norm(dim=-1).min() > 0.999


def test_a_batch_without_enough_regions_uses_the_stored_statistics() -> None:
    head = PSNetHead(16, 8).train()
    visible = torch.tensor([[1.0, 0, 0, 0, 0]])
    means = torch.randn(1, 5, 8)
    assert torch.allclose(head.finish(means, visible), head.eval().finish(means, visible))


def test_boxes_are_those_of_serving() -> None:
    random = np.random.default_rng(0)
    points = np.concatenate([random.uniform(0, 224, (3, 22, 2)), random.uniform(0, 1, (3, 22, 1))], -1)
    landmarks = torch.from_numpy(points.astype(np.float32))
    boxes, visible = region_boxes_of(landmarks, CATEGORIES[:3], DEFAULT_SPEC)
    for index, category in enumerate(CATEGORIES[:3]):
        wanted, seen = region_boxes(landmarks[index].numpy(), category, DEFAULT_SPEC)
        assert np.array_equal(boxes[index], wanted)
        assert np.array_equal(visible[index], seen)
