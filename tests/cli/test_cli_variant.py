from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("variant", "lacks"),
    [
        ("gpu_trt", "Triton's tensorrt backend and an NVIDIA GPU"),
        ("gpu_onnx", "an NVIDIA GPU"),
        ("tpu", "cpu, gpu_onnx"),
    ],
)
def test_up_refuses_a_variant_that_cannot_run_here_in_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variant: str, lacks: str
) -> None:
    monkeypatch.setenv("SEAMLINE_HOME", str(tmp_path / "home"))
    result = run("up", "--variant", variant)
    assert result.exit_code == 4
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert lacks in result.stderr
    assert not (tmp_path / "home").exists()
