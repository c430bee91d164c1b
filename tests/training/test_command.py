"""The training command."""

from __future__ import annotations

from pathlib import Path

import pytest

from seamline.data.label_file import write_labels
from seamline.training.__main__ import main
from seamline.training.crops import CropStore


def test_a_folder_that_is_not_there_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_the_encoder_is_trained_from_a_label_folder(
    store: CropStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_labels(tmp_path / "labels.jsonl", store.labels)
    write_labels(tmp_path / "labels_develop.jsonl", store.labels[:2])
    options = ["--part", "encoder", "--labels", str(tmp_path), "--landmark-steps", "1", "--drawn", "0"]
    options += ["--retrieval-steps", "1", "--garments", "2"]
    assert main([str(tmp_path), "--out", str(tmp_path / "out"), *options]) == 0
    assert (tmp_path / "out/spec.json").is_file()
    assert "left_sleeve" in capsys.readouterr().out
