"""Batches and architectures as a person writes them, and what is wrong with them in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from seamline.core.errors import BadOption
from seamline.exporting import ExportError
from seamline.exporting.tensorrt.network import open_network, served_files
from seamline.exporting.tensorrt.profile import Profile, max_batch_size
from seamline.exporting.tensorrt.targets import Target
from seamline.systems import DEFAULT, system_named
from seamline.systems.psnet_lite.spec import GRID
from tests.exporting.tensorrt.networks import saved
from tests.support.repositories import MODEL_REPOSITORY

ENCODER = MODEL_REPOSITORY / "encoder/1/model.onnx"


def test_the_default_profile_is_what_the_step_serves() -> None:
    assert max_batch_size(MODEL_REPOSITORY, "encoder") == 16
    assert open_network(ENCODER, "fp32", None, MODEL_REPOSITORY).profile == Profile(1, 4, 16)


def test_a_step_that_is_not_there_leaves_the_profile_open(tmp_path: Path) -> None:
    assert max_batch_size(tmp_path, "encoder") is None
    assert open_network(ENCODER, "fp32", Profile(2, 2, 99), tmp_path).profile == Profile(2, 2, 99)


def test_a_config_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder/config.pbtxt").write_text("max_batch_sise: 16")
    with pytest.raises(ExportError, match="cannot be read"):
        max_batch_size(tmp_path, "encoder")


@pytest.mark.parametrize("text", ["1,4", "1,4,16,32", "a,b,c", "", "1;4;16", "-1,4,16"])
def test_a_profile_is_three_batches(text: str) -> None:
    with pytest.raises(ExportError, match="is not three batches"):
        Profile.parse(text)


@pytest.mark.parametrize("text", ["8,4,16", "1,32,16", "0,4,16"])
def test_a_profile_is_in_order(text: str) -> None:
    with pytest.raises(ExportError, match="is out of order"):
        Profile.parse(text)


@pytest.mark.parametrize(
    ("text", "said"), [("1,4,32", "goes up to 32, and encoder has max_batch_size 16"), ("2,4,16", "leaves out batches")]
)
def test_a_profile_serves_what_the_step_sends(text: str, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        open_network(ENCODER, "fp32", Profile.parse(text), MODEL_REPOSITORY)


@pytest.mark.parametrize("text", ["SM89", "sm_89", "89", "8.9"])
def test_an_architecture_has_several_spellings(text: str) -> None:
    assert str(Target.parse(text)) == "SM89"


@pytest.mark.parametrize("text", ["ampere", "SM", "8.9.1", "sm1200", ""])
def test_an_architecture_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ExportError, match="is no GPU architecture"):
        Target.parse(text)


def test_free_sizes_besides_the_batch_are_an_error() -> None:
    with pytest.raises(ExportError, match="free sizes besides the batch"):
        Profile().shapes("X", ("batch", 3, "height", 8))


def test_a_network_s_step_is_its_system_s_by_the_spec_beside_it(tmp_path: Path) -> None:
    model = onnx.load(str(ENCODER))
    model.graph.output.remove(next(value for value in model.graph.output if value.name == GRID))
    saved(model, tmp_path, "model")
    (tmp_path / "spec.json").write_text(system_named("psnet").spec().to_json())
    config = (MODEL_REPOSITORY / "encoder" / "config.pbtxt").read_text().replace('"encoder"', '"psnet_encoder"')
    (tmp_path / "psnet_encoder").mkdir()
    (tmp_path / "psnet_encoder" / "config.pbtxt").write_text(config.replace("max_batch_size: 16", "max_batch_size: 7"))
    opened = open_network(tmp_path / "model.onnx", "fp32", None, tmp_path)
    assert (opened.name, opened.profile.most) == ("encoder", 7)


def test_a_spec_without_its_system_s_own_numbers_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(ENCODER.read_bytes())
    told = json.loads(system_named("psnet").spec().to_json()) | {"system": DEFAULT}
    (tmp_path / "spec.json").write_text(json.dumps(told))
    with pytest.raises(ExportError, match=r"beside .*model\.onnx cannot be used: 'grid'"):
        open_network(tmp_path / "model.onnx", "fp32", None, tmp_path)


def test_the_served_files_are_a_system_s_networks_and_the_detector() -> None:
    files = served_files(MODEL_REPOSITORY)
    assert [file.parts[-3] for file in files] == ["encoder", "region_head", "detector"]
    with pytest.raises(BadOption, match="psnet_encoder"):
        served_files(MODEL_REPOSITORY, "psnet")
