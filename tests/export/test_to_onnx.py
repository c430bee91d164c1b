"""Exported networks compute what PyTorch computes, at any batch, with the names and operators that serving needs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from export.install import check_network
from export.to_onnx import PARTS, ExportRefused, export, main
from seamline.garments import DEFAULT_SPEC
from seamline.net.backbone import load_imagenet
from seamline.net.checkpoint import save
from seamline.net.encoder import Encoder, EncoderConfig
from seamline.net.landmarks import LandmarkConfig
from seamline.net.region_head import RegionHead, RegionHeadConfig
from seamline.spec import LANDMARKS

UNFRIENDLY = {"NonZero", "Loop", "If", "Scan", "NonMaxSuppression", "Unique", "Compress", "SequenceInsert"}
"""Operators that TensorRT refuses, or whose output's shape depends on values."""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("weights")
    encoder = Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS))))
    load_imagenet(encoder.landmarks.backbone)
    load_imagenet(encoder.retrieval.backbone)
    head = RegionHead(RegionHeadConfig())
    torch.nn.init.normal_(head.weight)
    save(encoder, folder / "encoder.pt")
    save(head, folder / "region_head.pt")
    for part in ("encoder", "region_head"):
        assert main([str(folder), "--part", part, "--out", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("part", ["encoder", "region_head"])
def test_the_graph_has_the_wire_s_names_and_shapes(exported: Path, part: str) -> None:
    data = (exported / f"{part}.onnx").read_bytes()
    check_network(part, data, DEFAULT_SPEC)
    model = onnx.load_from_string(data)
    assert [opset.version for opset in model.opset_import] == [17]
    fixed = [d.HasField("dim_value") for value in model.graph.output for d in value.type.tensor_type.shape.dim[1:]]
    assert all(fixed)


@pytest.mark.parametrize("part", ["encoder", "region_head"])
def test_every_operator_suits_tensorrt(exported: Path, part: str) -> None:
    model = onnx.load(str(exported / f"{part}.onnx"))
    assert not {node.op_type for node in model.graph.node} & UNFRIENDLY
    assert {node.domain for node in model.graph.node} <= {""}


def test_one_file_holds_everything_and_names_no_path(exported: Path) -> None:
    data = (exported / "encoder.onnx").read_bytes()
    assert not list(exported.glob("*.data"))
    assert b"/seamline/" not in data
    assert len(data) < 25e6


def test_a_batch_gives_what_single_crops_give(exported: Path) -> None:
    session = onnxruntime.InferenceSession(str(exported / "encoder.onnx"), providers=["CPUExecutionProvider"])
    crops = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)
    together = session.run(None, {"CROPS": crops})
    alone = [session.run(None, {"CROPS": crop[None]}) for crop in crops]
    for index, output in enumerate(together):
        np.testing.assert_allclose(output, np.concatenate([single[index] for single in alone]), atol=2e-3, rtol=1e-3)


class Unlike(torch.nn.Module):
    """Computes something else when it is not traced."""

    def forward(self, regions: torch.Tensor, visible: torch.Tensor) -> torch.Tensor:
        vectors = regions.mean((-2, -1)) * visible[..., None]
        return vectors if torch.compiler.is_exporting() else vectors + 1


def test_a_graph_that_differs_from_pytorch_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    part = dataclasses.replace(PARTS["region_head"])
    with pytest.raises(ExportRefused, match="EMBEDDING differs"):
        export(Unlike(), part, tmp_path / "region_head.onnx", [])
    assert not list(tmp_path.iterdir())
