"""`seamline train`: what it says, and with which code it ends."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONFIG = """
task = "psnet_lite_landmarks"
photos = "{photos}"
labels = "{photos}"
out = "{out}"
[loop]
steps = 2
precision = "fp32"
device = "cpu"
[psnet_lite_landmarks]
batch = 2
small_steps = 2
small_side = 64
drawn = 0
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    pytest.importorskip("torch", reason="the extra `train` is not installed")
    from seamline.data.label_file import write_labels
    from seamline.training.drawn import drawn_labels

    labels = drawn_labels(tmp_path / "drawn", 2, seed=0)
    for name in ("labels.jsonl", "labels_validation.jsonl"):
        write_labels(tmp_path / name, labels)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(photos=tmp_path, out=tmp_path / "out"))
    return path


def test_a_training_ends_with_its_result_and_figures(config: Path, run: Run, tmp_path: Path) -> None:
    result = run("train", config, "--set", "seed=1")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("psnet_lite_landmarks: 2 steps, results in ")
    assert "distance: " in result.stdout
    assert (tmp_path / "out" / "landmarks.pt").is_file()
    again = json.loads(run("train", config, "--set", "seed=1", "--json").stdout)
    assert (again["step"], again["finished"], list(again["figures"])) == (2, True, ["distance", "error"])
    other = run("train", config, "--set", "seed=2")
    assert other.exit_code == 2
    assert "seed was 1 and is 2" in other.stderr


def test_a_stopped_training_is_130_and_says_how_to_go_on(
    config: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seamline.systems.psnet_lite.landmark_task import LandmarkTask

    made = LandmarkTask.batch

    def interrupted(task: LandmarkTask, step: int) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return made(task, step)

    monkeypatch.setattr(LandmarkTask, "batch", interrupted)
    result = run("train", config)
    assert result.exit_code == 130
    assert "stopped after step 1; the same command goes on from here" in result.stderr
    assert not (tmp_path / "out" / "landmarks.pt").exists()


def test_a_mistake_in_the_configuration_is_2(config: Path, run: Run, tmp_path: Path) -> None:
    result = run("train", config, "--set", "loop.stepz=3")
    assert result.exit_code == 2
    assert "loop.stepz is not a known key; did you mean steps?" in result.stderr
    (tmp_path / "labels.jsonl").write_text("{}\n")
    result = run("train", config)
    assert result.exit_code == 2
    assert "labels.jsonl is not a label file" in result.stderr


def test_without_torch_the_extra_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else find(name, *rest))
    result = run("train", tmp_path / "any.toml")
    assert result.exit_code == 2
    assert "training needs torch: pip install 'seamline[train]'" in result.stderr
