"""Counting of a network's work, shares of a card's peak, and what is left out without a GPU."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")

import torch
from onnx import ModelProto, TensorProto, helper, numpy_helper
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.speed.gpu import cards
from benchmarks.speed.gpu.__main__ import Peak, main, row
from benchmarks.speed.gpu.backends import BACKENDS, LeftOut, architecture
from benchmarks.speed.gpu.counting import Work, count
from seamline.exporting.tensorrt.latency import Timing
from seamline.systems.psnet_lite.spec import GRID, default_spec
from tests.support.repositories import MODEL_REPOSITORY

KERNELS = np.ones((12, 4, 3, 3), np.float32)
GROWING = np.ones((12, 3, 4, 4), np.float32)
WEIGHTS = np.ones((3 * 16 * 16, 5), np.float32)


def model() -> ModelProto:
    """X [B,8,16,16] -> a grouped convolution with stride, a transposed one, a product -> Y [B,5]."""
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["X", "kernels"], ["a"], group=2, strides=[2, 2], pads=[1, 1, 1, 1]),
            helper.make_node("ConvTranspose", ["a", "growing"], ["b"], strides=[2, 2], pads=[1, 1, 1, 1]),
            helper.make_node("Flatten", ["b"], ["c"]),
            helper.make_node("MatMul", ["c", "weights"], ["d"]),
            helper.make_node("Gemm", ["d", "square"], ["Y"], transB=1),
        ],
        "small",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["batch", 8, 16, 16])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["batch", 5])],
        [
            numpy_helper.from_array(array, name)
            for name, array in (
                ("kernels", KERNELS), ("growing", GROWING), ("weights", WEIGHTS),
                ("square", np.eye(5, dtype=np.float32)),
            )
        ],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.mark.parametrize("batch", [1, 3])
def test_operations_are_those_that_pytorch_counts(batch: int) -> None:
    with FlopCounterMode(display=False) as counter:
        a = functional.conv2d(torch.ones(batch, 8, 16, 16), torch.from_numpy(KERNELS), stride=2, padding=1, groups=2)
        b = functional.conv_transpose2d(a, torch.from_numpy(GROWING), stride=2, padding=1)
        b.flatten(1) @ torch.from_numpy(WEIGHTS) @ torch.eye(5)
    found = count(model(), batch)
    assert (found.operations, found.nodes) == (counter.get_total_flops(), 4)


def test_bytes_are_inputs_weights_and_outputs_once() -> None:
    numbers = (8 * 256 + 12 * 36 + 12 * 64) + (12 * 64 + 12 * 48 + 3 * 256) + (768 + 768 * 5 + 5) + (5 + 25 + 5)
    assert count(model(), 1).bytes == 4 * numbers


@pytest.mark.parametrize("network", ["detector", "region_head"])
def test_the_served_networks_do_the_work_of_their_architecture(network: str) -> None:
    spec = default_spec()
    side, regions = spec.detector.side, len(spec.parts.regions)
    given = {
        "detector": (torch.zeros(1, side, side, 3, dtype=torch.uint8),),
        "region_head": (
            torch.zeros(1, regions, 128, 7, 7), torch.ones(1, regions), torch.zeros(1, *spec.own_tensors()[GRID]),
        ),
    }  # fmt: skip
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        architecture(network).eval()(*given[network])
    found = count(onnx.load(MODEL_REPOSITORY / network / "1" / "model.onnx"), 1)
    assert found.operations == pytest.approx(counter.get_total_flops(), rel=0.01)


def test_a_shape_that_is_not_known_is_named() -> None:
    open_model = model()
    open_model.graph.input[0].type.tensor_type.shape.dim[2].Clear()
    with pytest.raises(ValueError, match="the shape of X of the node"):
        count(open_model, 1)


@pytest.mark.parametrize(
    ("name", "card"),
    [
        ("NVIDIA H100 80GB HBM3", "H100"), ("NVIDIA H100 PCIe", "H100 PCIe"), ("NVIDIA H200", "H200"),
        ("NVIDIA L4", "L4"), ("NVIDIA L40S", "L40S"), ("Tesla T4", "T4"), ("NVIDIA A100-SXM4-80GB", "A100-SXM4-80GB"),
    ],
)  # fmt: skip
def test_cards_are_found_by_the_name_that_cuda_gives(name: str, card: str) -> None:
    found = cards.find(name)
    assert found is not None
    assert found.name == card
    assert found.source.startswith("NVIDIA's data sheet")


def test_an_unknown_card_has_no_peak_but_may_be_given_one() -> None:
    assert cards.find("NVIDIA L40") is None
    timing, work = Timing("onnxruntime", 2, 4.0), Work(8 * 10**9, 2 * 10**9, 1)
    unknown = row("encoder", "fp32", timing, work, Peak(None, None, None))
    assert (unknown.operations_share, unknown.bytes_share) == (None, None)
    given = row("encoder", "fp32", timing, work, Peak(cards.find("NVIDIA L4"), 20.0, 1000.0))
    assert (given.operations_share, given.bytes_share) == (pytest.approx(0.1), pytest.approx(0.5))
    assert row("encoder", "fp16", timing, work, Peak(cards.find("NVIDIA L4"), None, None)).operations_share == (
        pytest.approx(2 / 121)
    )


def test_without_a_gpu_the_processor_is_measured_and_the_rest_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    file = tmp_path / "figures.json"
    assert main(["--networks", "region_head", "--batches", "1", "2", "--calls", "2", "--json", str(file)]) == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert {(entry["backend"], entry["precision"]) for entry in found["rows"]} == {
        ("PyTorch", "fp32"),
        ("onnxruntime", "fp32"),
    }
    assert len(found["rows"]) == 4
    assert len(found["left_out"]) == len(BACKENDS) - 2
    assert "left out: TensorRT fp16: TensorRT is not installed" in capsys.readouterr().out


def test_a_precision_of_gpus_is_left_out_on_a_processor() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(LeftOut, match="PyTorch sees no GPU, and fp16 is for one"):
        BACKENDS["PyTorch", "fp16"]("region_head", MODEL_REPOSITORY / "region_head" / "1" / "model.onnx", 1)


def test_a_repository_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model-repository", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
