"""From an ONNX file to a plan with its metadata and report: the builder is NVIDIA's, the GPU is a stand-in.

The engine's answers come from ONNX Runtime, since no engine runs without a GPU; everything else is what a GPU machine
does.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from export import to_trt
from export.to_trt import main
from seamline.exporting import Array, Run, onnx_run
from seamline.exporting.tensorrt import plan as plans
from seamline.exporting.tensorrt.targets import Target
from seamline.exporting.tensorrt.trt_variant import TrtVariant
from tests.support.repositories import MODEL_REPOSITORY

HEAD = MODEL_REPOSITORY / "region_head/1/model.onnx"


class Card:
    """A GPU by name."""

    target, name = Target(89), "NVIDIA L4"


@pytest.fixture
def machine(rtx: TrtVariant, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with a GPU and TensorRT, on which engines compute what the ONNX file does."""
    monkeypatch.setattr(to_trt, "tensorrt", lambda: rtx)
    monkeypatch.setattr(to_trt, "CudaDevice", Card)
    monkeypatch.setattr(to_trt, "Engine", lambda *_: onnx_run(HEAD))
    return monkeypatch


def run(*arguments: str) -> int:
    return main([str(HEAD), "--calls", "1", *arguments])


def wrong(*_: object) -> Run:
    def answer(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        return {"EMBEDDING": np.ones((len(arrays["REGION_VISIBLE"]), 5, 128), np.float32)}

    return answer


def test_a_plan_is_written_with_its_note_and_report(
    machine: pytest.MonkeyPatch, rtx: TrtVariant, tmp_path: Path
) -> None:
    out = tmp_path / "plans"
    assert run("--fp16", "--out", str(out), "--profile", "1,2,16", "--workspace", "512") == 0
    assert sorted(path.name for path in out.iterdir()) == ["model.plan", "model.plan.json", "report.json"]
    plan, metadata = plans.read(out / "model.plan")
    assert len(plan) > 1_000_000
    assert (metadata.version, metadata.target, metadata.precision, metadata.profile) == (
        rtx.version,
        "SM89",
        "fp16",
        "1,2,16",
    )
    assert metadata.onnx == plans.digest(HEAD.read_bytes())
    assert {one["batch"] for one in json.loads((out / "report.json").read_text())["timings"]} == {1, 2, 4, 8, 16}


def test_an_engine_that_computes_something_else_is_not_written(
    machine: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.setattr(to_trt, "Engine", wrong)
    assert run("--out", str(tmp_path)) == 1
    assert "the engine of region_head is not written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_plan_that_is_there_is_measured(
    machine: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--out", str(tmp_path)) == 0
    capsys.readouterr()
    assert run("--plan", str(tmp_path / "model.plan")) == 0
    assert "ONNX Runtime" in capsys.readouterr().out
    machine.setattr(to_trt, "Engine", wrong)
    assert run("--plan", str(tmp_path / "model.plan")) == 1


def test_a_plan_for_another_gpu_or_version_is_refused_before_it_is_read(
    machine: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--out", str(tmp_path)) == 0
    path = tmp_path / "model.plan"
    plan, metadata = plans.read(path)
    for changed, said in (("target", "built for SM75"), ("version", "built by TensorRT-RTX 1.0")):
        other = {"target": "SM75", "version": "1.0"}[changed]
        plans.write(tmp_path, plan, dataclasses.replace(metadata, **{changed: other}))
        assert run("--plan", str(path)) == 1
        assert said in capsys.readouterr().err
