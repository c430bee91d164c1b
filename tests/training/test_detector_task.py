"""The detector as a task of the training loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from seamline.data.label_file import write_labels
from seamline.training.crops import CropStore
from seamline.training.detector.task import KIND, DetectorOptions, DetectorTask
from seamline.training.errors import BadConfig
from seamline.training.sources import Sources

OPTIONS = DetectorOptions(batch=4, side=64, drawn=0, develop_photos=2, imagenet=False)


@pytest.fixture(scope="module")
def task(store: CropStore, tmp_path_factory: pytest.TempPathFactory) -> DetectorTask:
    folder = tmp_path_factory.mktemp("detector")
    for name in ("labels.jsonl", "labels_develop.jsonl"):
        write_labels(folder / name, store.labels)
    made: DetectorTask = KIND.build(Sources(folder, folder, folder / "work"), OPTIONS, 0)
    return made


def test_the_batch_of_a_step_is_always_the_same(task: DetectorTask) -> None:
    first, again = task.batch(5), task.batch(5)
    assert torch.equal(first.photos, again.photos)
    assert torch.equal(first.boxes, again.boxes)
    assert sum(first.counts) == len(first.boxes) == len(first.labels)
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
    assert figures.keys() == {"AP50", "found"}
    assert all(0 <= value <= 1 for value in figures.values())


def test_without_boxes_to_trust_there_is_nothing_to_learn(store: CropStore, tmp_path: Path) -> None:
    for name in ("labels.jsonl", "labels_develop.jsonl"):
        write_labels(tmp_path / name, [])
    with pytest.raises(BadConfig, match="no photo with a trusted box"):
        KIND.build(Sources(tmp_path, tmp_path, tmp_path / "work"), OPTIONS, 0)


def test_generators_of_a_batch_do_not_depend_on_the_global_one(task: DetectorTask) -> None:
    np.random.seed(1)
    first = task.batch(1).photos
    np.random.seed(2)
    assert torch.equal(first, task.batch(1).photos)
