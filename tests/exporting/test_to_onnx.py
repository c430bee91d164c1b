"""Exported networks compute what PyTorch computes, at any batch, with the names and operators that serving needs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from export.to_onnx import main
from seamline.core.spec import LANDMARKS
from seamline.exporting.networks import default_networks, onnx_run, torch_run
from seamline.exporting.onnx_graph import OPSETS
from seamline.exporting.operators import ALLOWED
from seamline.exporting.request import ExportRequest, export_networks
from seamline.nn.backbone import load_imagenet
from seamline.nn.checkpoint import save
from seamline.nn.landmarks import LandmarkConfig
from seamline.systems import DEFAULT, system_named
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.part_head import PartHead
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.whole_head import SERVED, WholeHead

NETWORKS = default_networks()


@pytest.fixture(scope="module")
def head() -> PartHead:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    made = PartHead(RegionHead(RegionHeadConfig()), WholeHead(SERVED))
    for one in (made.regions, made.whole):
        torch.nn.init.normal_(one.weight)
    return made


@pytest.fixture(scope="module")
def exported(head: PartHead, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an encoder and a region head."""
    encoder = Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS))))
    load_imagenet(encoder.landmarks.backbone)
    load_imagenet(encoder.retrieval.backbone)
    folder = tmp_path_factory.mktemp("weights")
    request = ExportRequest(folder, folder, ("encoder", "region_head"), batches=(1, 3))
    report = export_networks(request, {"encoder": encoder, "region_head": head})
    assert report.refusals == ()
    return folder


WIRE = {
    "encoder": {
        "CROPS": [224, 224, 3], "FEATURES": [128, 28, 28], "CROP_LANDMARKS": [len(LANDMARKS), 3], "GRID": [384, 3, 2],
    },
    "region_head": {
        "REGION_FEATURES": [5, 128, 7, 7], "REGION_VISIBLE": [5], "GRID": [384, 3, 2], "EMBEDDING": [7, 128],
    },
}  # fmt: skip
"""Part -> tensor -> its shape without the batch."""


@pytest.mark.parametrize("part", ["encoder", "region_head"])
def test_the_graph_has_the_wire_s_names_and_shapes_and_a_named_batch(exported: Path, part: str) -> None:
    model = onnx.load(str(exported / f"{part}.onnx"))
    shapes = {value.name: value.type.tensor_type.shape.dim for value in (*model.graph.input, *model.graph.output)}
    assert [opset.version for opset in model.opset_import] == [17]
    assert {name: [one.dim_value for one in shape[1:]] for name, shape in shapes.items()} == WIRE[part]
    assert {shape[0].dim_param for shape in shapes.values()} == {"batch"}


@pytest.mark.parametrize("part", ["encoder", "region_head"])
def test_every_operator_suits_every_runtime(exported: Path, part: str) -> None:
    model = onnx.load(str(exported / f"{part}.onnx"))
    assert {node.op_type for node in model.graph.node} <= ALLOWED
    assert {node.domain for node in model.graph.node} <= {""}


def test_one_file_holds_everything_and_names_no_path(exported: Path) -> None:
    data = (exported / "encoder.onnx").read_bytes()
    assert {path.suffix for path in exported.iterdir()} == {".onnx", ".json", ".md"}
    assert b"/seamline/" not in data
    assert len(data) < 25e6


def test_a_batch_gives_what_single_crops_give(exported: Path) -> None:
    session = onnxruntime.InferenceSession(str(exported / "encoder.onnx"), providers=["CPUExecutionProvider"])
    crops = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)
    together = session.run(None, {"CROPS": crops})
    alone = [session.run(None, {"CROPS": crop[None]}) for crop in crops]
    for index, output in enumerate(together):
        np.testing.assert_allclose(output, np.concatenate([single[index] for single in alone]), atol=2e-3, rtol=1e-3)


def test_the_report_lies_beside_the_networks_and_says_what_it_rests_on(exported: Path) -> None:
    report = json.loads((exported / "parity.json").read_text())
    assert report["inputs"] == "random pixels, because no photos were given"
    assert [one["network"] for one in report["comparisons"]] == ["encoder", "region_head", "encoder to region_head"]
    assert {one["batch"] for one in report["comparisons"][0]["differences"]} == {1, 3}
    assert report["files"][0]["size"] == (exported / "encoder.onnx").stat().st_size
    assert "random pixels" in (exported / "parity.md").read_text()


def test_one_part_at_another_opset_from_the_command_line(
    head: PartHead, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(head.regions, tmp_path / "region_head.pt")
    save(head.whole, tmp_path / "whole_head.pt")
    (tmp_path / "spec.json").write_text(system_named(DEFAULT).spec().to_json())
    out = tmp_path / "out"
    assert (
        main([str(tmp_path), "--network", "region_head", "--opset", str(OPSETS[-1]), "--fp16", "--out", str(out)]) == 0
    )
    assert "fp16, opset 21, against PyTorch on random pixels" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {
        "spec.json", "region_head.onnx", "parity-region_head.json", "parity-region_head.md"
    }  # fmt: skip
    report = json.loads((out / "parity-region_head.json").read_text())
    assert [one["batch"] for one in report["comparisons"][0]["differences"]] == [1, 2, 5, 16]
    part = NETWORKS["region_head"]
    inputs = part.samples(3, ())
    found, wanted = onnx_run(out / "region_head.onnx")(inputs), torch_run(head, part)(inputs)
    assert [one.version for one in onnx.load(str(out / "region_head.onnx")).opset_import] == [OPSETS[-1]]
    np.testing.assert_allclose(found["EMBEDDING"], wanted["EMBEDDING"], atol=1e-3)


class Unlike(torch.nn.Module):
    """Computes something else when it is not traced."""

    def forward(self, regions: torch.Tensor, visible: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        vectors = regions.mean((-2, -1)) * visible[..., None] + grid.mean((-3, -2, -1))[:, None, None]
        return vectors if torch.compiler.is_exporting() else vectors + 1


def test_a_graph_that_differs_from_pytorch_is_refused_and_leaves_only_the_report(tmp_path: Path) -> None:
    request = ExportRequest(tmp_path, tmp_path / "out", ("region_head",), report=tmp_path / "why")
    report = export_networks(request, {"region_head": Unlike()})
    assert report.refusals[0].startswith("region_head: EMBEDDING differs by")
    assert "the whole network (Unlike)" in report.refusals[0]
    assert [path.name for path in tmp_path.iterdir()] == ["why"]
    assert json.loads((tmp_path / "why" / "parity-region_head.json").read_text())["refusals"] == list(report.refusals)
