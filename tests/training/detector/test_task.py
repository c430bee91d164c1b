"""The detector as a task of the training loop."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from seamline.data.label_file import write_labels
from seamline.exporting.networks import onnx_run
from seamline.exporting.samples import letterboxes
from seamline.nn.checkpoint import load_state, save_state
from seamline.nn.detector import DetectorForExport
from seamline.serving.weights import newest
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.training.crops import CropStore
from seamline.training.detector.scenes import Mix
from seamline.training.detector.task import KIND, DetectorOptions, DetectorTask
from seamline.training.errors import BadConfig
from seamline.training.history import ROWS, read_rows
from seamline.training.loop import train
from seamline.training.settings import GroupSettings
from seamline.training.sources import Sources
from tests.support.resuming import assert_resumes

OPTIONS = DetectorOptions(batch=4, side=64, drawn=0, validation_photos=2, validation_scenes=2, imagenet=False)
SETTINGS = dataclasses.replace(KIND.loop, warm_up=1, precision="fp32", device="cpu")


@pytest.fixture(scope="module")
def sources(store: CropStore, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("detector")
    for name in ("labels.jsonl", "labels_validation.jsonl"):
        write_labels(folder / name, store.labels)
    return Sources(folder, folder, folder / "work")


@pytest.fixture(scope="module")
def task(sources: Sources) -> DetectorTask:
    made: DetectorTask = KIND.build(sources, OPTIONS, 0)
    return made


@pytest.fixture(scope="module")
def trained(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that goes on to the same weights when it is cut off."""
    settings = dataclasses.replace(SETTINGS, steps=3)
    return assert_resumes(lambda: KIND.build(sources, OPTIONS, 0), settings, tmp_path_factory.mktemp("out"), at=2)


def test_the_batch_of_a_step_is_always_the_same(task: DetectorTask) -> None:
    first, again = task.batch(5), task.batch(5)
    assert torch.equal(first.photos, again.photos)
    assert torch.equal(first.boxes, again.boxes)
    assert sum(first.counts) == len(first.boxes) == len(first.possible) == len(first.turns)
    assert [len(target["boxes"]) for target in first.targets()] == list(first.counts)


def test_a_step_has_a_gradient_for_both_groups(task: DetectorTask) -> None:
    task.network.train()
    losses = task.loss(task.batch(0))
    losses["loss"].backward()
    values = {name: float(loss.detach()) for name, loss in losses.items()}
    assert values.pop("loss") == pytest.approx(sum(values.values()))
    for name, weights in task.parameter_groups().items():
        assert any(weight.grad is not None and weight.grad.any() for weight in weights), name


def test_the_evaluation_looks_at_photos_as_serving_does(task: DetectorTask) -> None:
    task.network.eval()
    with torch.inference_mode():
        figures = task.evaluate()
    assert figures.keys() == {
        "AP50", "found", "IoU", "precision", "recall", "several AP50", "false alarms", "turn"
    }  # fmt: skip
    assert all(0 <= value <= 1 for value in figures.values())


def test_a_training_can_begin_with_the_weights_of_another(sources: Sources, trained: Path, tmp_path: Path) -> None:
    options = dataclasses.replace(OPTIONS, start=str(trained / "detector.pt"))
    still = {name: GroupSettings(rate=0.0) for name in ("head", "backbone")}
    train(KIND.build(sources, options, 0), dataclasses.replace(SETTINGS, steps=1, groups=still), tmp_path)
    for name, weight in load_state(trained / "detector.pt").items():
        assert torch.equal(weight, load_state(tmp_path / "detector.pt")[name]), name


def test_a_training_can_begin_with_what_is_served(sources: Sources) -> None:
    served = newest(Path(__file__).parents[3] / "model_repository", "detector") / "model.onnx"
    task = KIND.build(sources, dataclasses.replace(OPTIONS, start=str(served)), 0)
    photos = letterboxes(1, [], DEFAULT_SPEC)["DETECTOR_INPUT"]
    with torch.inference_mode():
        boxes, *_ = DetectorForExport(task.network.eval())(torch.from_numpy(photos))
    np.testing.assert_allclose(boxes, onnx_run(served)({"DETECTOR_INPUT": photos})["DETECTOR_BOXES"], atol=0.01)


def test_a_training_can_begin_with_the_average_of_several(sources: Sources, trained: Path, tmp_path: Path) -> None:
    first, second = trained / "detector.pt", tmp_path / "zero.pt"
    weights = load_state(first)
    save_state({name: torch.zeros_like(weight) for name, weight in weights.items()}, second)
    task = KIND.build(sources, dataclasses.replace(OPTIONS, start=f"{first}+{second}"), 0)
    for name, weight in task.network.state_dict().items():
        if weight.is_floating_point():
            torch.testing.assert_close(weight, weights[name] / 2)


def test_a_start_that_is_not_there_is_refused(trained: Path) -> None:
    with pytest.raises(BadConfig, match=r"detector\.start: there is no nowhere\.pt"):
        KIND.check(DetectorOptions(start="nowhere.pt"))
    with pytest.raises(BadConfig, match=r"detector\.start: there is no nowhere\.pt"):
        KIND.check(DetectorOptions(start=f"{trained / 'detector.pt'}+nowhere.pt"))


def test_a_served_model_is_not_averaged(trained: Path) -> None:
    served = newest(Path(__file__).parents[3] / "model_repository", "detector") / "model.onnx"
    with pytest.raises(BadConfig, match=r"model\.onnx cannot be averaged"):
        KIND.check(DetectorOptions(start=f"{trained / 'detector.pt'}+{served}"))


def test_a_short_training_lowers_the_loss(sources: Sources, tmp_path: Path) -> None:
    options = dataclasses.replace(OPTIONS, mix=Mix(1, 0, 0, 0, 0, any_way=0), validation_scenes=0)
    train(KIND.build(sources, options, 0), dataclasses.replace(SETTINGS, steps=18, log_every=6), tmp_path)
    losses = [row["losses"]["loss"] for row in read_rows(tmp_path / ROWS) if "losses" in row]
    assert losses[-1] < 0.9 * losses[0]


def test_without_boxes_to_trust_there_is_nothing_to_learn(store: CropStore, tmp_path: Path) -> None:
    for name in ("labels.jsonl", "labels_validation.jsonl"):
        write_labels(tmp_path / name, [])
    with pytest.raises(BadConfig, match="no photo with a trusted box"):
        KIND.build(Sources(tmp_path, tmp_path, tmp_path / "work"), OPTIONS, 0)


def test_generators_of_a_batch_do_not_depend_on_the_global_one(task: DetectorTask) -> None:
    np.random.seed(1)
    first = task.batch(1).photos
    np.random.seed(2)
    assert torch.equal(first, task.batch(1).photos)
