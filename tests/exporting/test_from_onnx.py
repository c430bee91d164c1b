"""The served ONNX files as PyTorch modules: they compute the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")

import onnx
from onnx import numpy_helper
from torch import nn

from seamline.core.errors import NotFound
from seamline.exporting.from_onnx import load_folded
from seamline.exporting.networks import default_networks, onnx_run, torch_run
from seamline.exporting.onnx_weights import OnnxWeights
from seamline.exporting.parity import FP32
from seamline.nn.detector import Detector, DetectorForExport, training_only
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig
from seamline.serving.weights import newest
from seamline.systems.psnet_lite.from_onnx import (
    encoder_from_onnx,
    landmarks_from_onnx,
    region_head_from_onnx,
    whole_head_from_onnx,
)
from seamline.systems.psnet_lite.part_head import PartHead

REPOSITORY = Path(__file__).parents[2] / "model_repository"


def shipped(name: str) -> Path:
    return newest(REPOSITORY, name) / "model.onnx"


def detector_from_onnx(path: Path) -> nn.Module:
    detector = Detector()
    load_folded(detector, path, "detector.", skip=training_only(detector))
    return DetectorForExport(detector).eval()


def part_head_from_onnx(path: Path) -> nn.Module:
    return PartHead(region_head_from_onnx(path), whole_head_from_onnx(path)).eval()


RESTORED = {"encoder": encoder_from_onnx, "region_head": part_head_from_onnx, "detector": detector_from_onnx}


@pytest.mark.parametrize("name", RESTORED)
def test_a_restored_network_gives_the_outputs_of_its_onnx_file(name: str) -> None:
    exported = default_networks()[name]
    samples = exported.samples(2, ())
    found = torch_run(RESTORED[name](shipped(name)), exported)(samples)
    for output, wanted in onnx_run(shipped(name))(samples).items():
        assert np.abs(found[output] - wanted).max() <= FP32.relative * np.abs(wanted).max(), output


def test_a_landmark_branch_alone_is_the_encoders() -> None:
    alone, encoder = landmarks_from_onnx(shipped("encoder")), encoder_from_onnx(shipped("encoder"))
    own = encoder.landmarks.state_dict()
    assert all(bool((values == own[name]).all()) for name, values in alone.state_dict().items())


def test_a_file_that_lacks_a_weight_is_refused_with_its_name() -> None:
    with pytest.raises(NotFound, match=r"region_head.*holds no landmarks\."):
        landmarks_from_onnx(shipped("region_head"))
    with pytest.raises(NotFound, match=r"encoder.*has no convolution that adds whole\.bias"):
        whole_head_from_onnx(shipped("encoder"))
    with pytest.raises(NotFound, match="there is no"):
        OnnxWeights(REPOSITORY / "absent.onnx")


def test_a_weight_of_another_shape_is_refused(tmp_path: Path) -> None:
    model = onnx.load(shipped("encoder"))
    for value in model.graph.initializer:
        if value.name == "landmarks.maps.bias":
            value.CopyFrom(numpy_helper.from_array(np.zeros(3, np.float32), value.name))
    onnx.save(model, tmp_path / "model.onnx")
    branch = LandmarkBranch(LandmarkConfig(22))
    with pytest.raises(ValueError, match=r"maps\.bias is \(3,\), not \(23,\)"):
        load_folded(branch, tmp_path / "model.onnx", "landmarks.", skip=("evidence.weight",))
