"""What a person is told at the command line: one sentence, and which exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from export.to_trt import main
from seamline.exporting.tensorrt.trt_variant import TrtVariant
from tests.exporting.tensorrt.fake_tensorrt import MODULE
from tests.exporting.tensorrt.networks import convolutions, saved
from tests.support.repositories import MODEL_REPOSITORY

HEAD = str(MODEL_REPOSITORY / "region_head/1/model.onnx")


def said(capsys: pytest.CaptureFixture[str]) -> str:
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


def test_without_tensorrt_nothing_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    assert main([HEAD, "--out", str(tmp_path / "out")]) == 1
    assert "error: TensorRT is not installed" in said(capsys)
    assert not (tmp_path / "out").exists()


def test_without_a_gpu_nothing_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", MODULE)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert main([HEAD, "--out", str(tmp_path / "out")]) == 1
    assert "no GPU that CUDA can use" in said(capsys) or "CUDA's Python bindings" in said(capsys)
    assert not (tmp_path / "out").exists()


def test_without_the_wheels_a_check_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt_rtx_bindings", None)
    assert main(["--check", HEAD]) == 1
    assert "TensorRT-RTX is not installed" in said(capsys)


def test_the_check_leaves_the_library_path_alone(rtx: TrtVariant, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from seamline.exporting.tensorrt.trt_variant import tensorrt_rtx

    monkeypatch.setenv("LD_LIBRARY_PATH", "/somewhere")
    assert tensorrt_rtx() == rtx
    assert os.environ["LD_LIBRARY_PATH"] == "/somewhere"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--check", HEAD, "--fp16", "--bf16"], "not allowed with argument"),
        (["--check", HEAD, "--profile", "4,1,16"], "out of order"),
        (["--check", HEAD, "--profile", "one"], "is not three batches"),
        (["--check", HEAD, "--target", "turing"], "is no GPU architecture"),
        ([HEAD], "name the folder for model.plan with --out"),
        (["--out", "folder"], "name an ONNX file"),
        ([HEAD, HEAD, "--out", "folder"], "name one ONNX file"),
        ([HEAD, "--int8", "--out", "folder"], "--photos FOLDER to calibrate on"),
        ([HEAD, "--target", "SM89", "--out", "folder"], "builds for the GPU in this machine"),
    ],
)
def test_options_that_make_no_sense_leave_with_two(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert message in " ".join(said(capsys).split())


def test_a_profile_that_the_step_does_not_serve_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", HEAD, "--profile", "1,4,64"]) == 1
    assert "region_head has max_batch_size 16" in said(capsys)


def test_a_network_of_no_step_is_not_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(saved(convolutions(), tmp_path)), "--out", str(tmp_path / "out")]) == 1
    assert "only --check takes other networks" in said(capsys)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", str(tmp_path / "none.onnx")]) == 1
    assert "none.onnx is no file" in said(capsys)


def test_a_plan_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([HEAD, "--plan", str(tmp_path / "model.plan")]) == 1
    assert "are not both there" in said(capsys)


def test_what_is_missing_after_calibration_is_said_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    encoder = str(MODEL_REPOSITORY / "encoder/1/model.onnx")
    assert main([encoder, "--int8", "--photos", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 1
    assert "TensorRT is not installed" in said(capsys)


def test_calibration_needs_photos(rtx: TrtVariant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encoder = str(MODEL_REPOSITORY / "encoder/1/model.onnx")
    assert main([encoder, "--int8", "--check", "--photos", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "holds no photo" in said(capsys)
    assert not (tmp_path / "out").exists()
