"""What cannot be exported is refused in one sentence, with nothing left behind."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from export.to_onnx import main
from seamline.nn.checkpoint import save, save_state
from seamline.nn.detector import Detector
from seamline.systems import system_named
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.whole_head import SERVED, WholeHead, WholeHeadConfig
from tests.support.small_weights import in_format_1


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A checkpoint folder with both heads of the step region_head."""
    folder = tmp_path / "weights"
    torch.manual_seed(0)
    head = RegionHead(RegionHeadConfig())
    torch.nn.init.normal_(head.weight)
    save(head, folder / "region_head.pt")
    save(WholeHead(SERVED), folder / "whole_head.pt")
    return folder


Refused = Callable[..., str]


@pytest.fixture
def refused(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Exports, checks that it was refused and wrote nothing, and gives the sentence."""

    def run(*options: str, network: str = "region_head") -> str:
        before = sorted(tmp_path.rglob("*"))
        assert main([str(weights), "--network", network, "--out", str(tmp_path / "new" / "out"), *options]) == 1
        assert sorted(tmp_path.rglob("*")) == before
        message = capsys.readouterr().err
        assert message.count("\n") == 1
        assert "Traceback" not in message
        return message

    return run


def test_a_missing_network(weights: Path, refused: Refused) -> None:
    assert "has no encoder.pt; name the folder that training wrote" in refused(network="encoder")
    (weights / "whole_head.pt").unlink()
    assert "has no whole_head.pt; name the folder that training wrote" in refused()


def test_a_missing_folder(weights: Path, refused: Refused) -> None:
    weights.rename(weights.with_name("elsewhere"))
    assert "is no folder" in refused()


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.99])
def test_a_file_cut_off(weights: Path, refused: Refused, kept: float) -> None:
    file = weights / "region_head.pt"
    data = file.read_bytes()
    file.write_bytes(data[: int(kept if kept >= 1 else kept * len(data))])
    assert "region_head.pt is damaged or cut off" in refused()


def test_a_file_that_is_no_checkpoint(weights: Path, refused: Refused) -> None:
    torch.save({"epoch": 3}, weights / "region_head.pt")
    assert "is no checkpoint of the region head: it has no 'config'" in refused()


def test_another_network_s_checkpoint(weights: Path, refused: Refused) -> None:
    (weights / "region_head.pt").rename(weights / "encoder.pt")
    assert "encoder.pt is no checkpoint of the encoder" in refused(network="encoder")


def test_weights_of_another_size(weights: Path, refused: Refused) -> None:
    state = torch.load(weights / "region_head.pt", weights_only=True)
    state["weights"]["bias"] = state["weights"]["bias"][:, :7]
    torch.save(state, weights / "region_head.pt")
    assert "size mismatch for bias" in refused()


def test_sizes_that_are_not_the_spec_s(weights: Path, refused: Refused) -> None:
    save(RegionHead(RegionHeadConfig(channels=64)), weights / "region_head.pt")
    assert "region_head does not take REGION_FEATURES (2, 5, 128, 7, 7)" in refused()
    save(RegionHead(RegionHeadConfig()), weights / "region_head.pt")
    save(WholeHead(WholeHeadConfig(channels=96)), weights / "whole_head.pt")
    assert "GRID (2, 384, 3, 2)" in refused()


def test_a_spec_that_is_none(weights: Path, refused: Refused) -> None:
    (weights / "spec.json").write_text("{}")
    assert "spec" in refused()


def test_a_report_s_folder_that_cannot_be_made(weights: Path, refused: Refused) -> None:
    assert "region_head.pt" in refused("--report", str(weights / "region_head.pt" / "report"))


def test_a_detector_s_file_with_other_layers(weights: Path, refused: Refused) -> None:
    torch.save({"layer.weight": torch.zeros(3)}, weights / "detector.pt")
    assert "detector.pt is no checkpoint of the detector: Missing key" in refused(network="detector")


def test_the_folder_of_another_system(weights: Path, refused: Refused) -> None:
    (weights / "spec.json").write_text(system_named("psnet").spec().to_json())
    assert "has no psnet.pt; name the folder that training wrote, and with --system whose it is" in refused()
    assert "is of the system psnet, not of psnet_lite; leave --system out" in refused("--system", "psnet_lite")


def test_a_folder_from_before_specs_named_systems_is_whose_the_caller_says(weights: Path, refused: Refused) -> None:
    (weights / "spec.json").write_text(json.dumps(in_format_1(DEFAULT_SPEC)))
    (weights / "region_head.pt").rename(weights / "psnet.pt")
    assert "('grid'); train again or, where it names no system, say with --system whose it is" in refused()
    assert "psnet.pt is no checkpoint of PS-Net" in refused("--system", "psnet")


def test_a_spec_without_the_system_s_own_numbers(weights: Path, refused: Refused) -> None:
    told = json.loads(DEFAULT_SPEC.to_json()) | {"network": {}, "system": "psnet_lite"}
    (weights / "spec.json").write_text(json.dumps(told))
    assert "does not hold the numbers of its system" in refused()


def test_an_unknown_network(refused: Refused) -> None:
    assert "there is no network 'head'; the networks are encoder, region_head, detector" in refused(network="head")


def test_an_opset_that_was_not_tried(refused: Refused) -> None:
    assert "opset 16 is not among 17, 18, 19, 20, 21" in refused("--opset", "16")


def test_a_folder_without_photos(weights: Path, refused: Refused) -> None:
    assert "holds no photo" in refused("--photos", str(weights))
    assert "is no folder" in refused("--photos", str(weights / "nowhere"))


def test_a_photo_that_is_none(weights: Path, refused: Refused) -> None:
    save_state(Detector().state_dict(), weights / "detector.pt")
    (weights / "broken.jpg").write_bytes(b"none")
    assert "the bytes are not a JPEG" in refused("--photos", str(weights), network="detector")


def test_a_file_in_the_folder_s_place(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    assert main([str(weights), "--network", "region_head", "--out", str(out)]) == 1
    assert "cannot be written (file exists)" in capsys.readouterr().err
    assert out.read_text() == "mine"


def test_a_disk_that_fills_up_half_way(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "region_head.onnx").write_bytes(b"the one before")
    with files_of_at_most(500_000):
        assert main([str(weights), "--network", "region_head", "--out", str(out)]) == 1
    assert "cannot be written (file too large)" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["region_head.onnx"]
    assert (out / "region_head.onnx").read_bytes() == b"the one before"


def test_search_results_need_photos(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(weights), "--regression", "--out", str(tmp_path / "out")])
    assert stopped.value.code == 2
    assert "give --photos" in capsys.readouterr().err


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
