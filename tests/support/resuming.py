"""A training that is stopped and goes on must not differ from one that was not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from seamline.nn.checkpoint import load_state
from seamline.training.checkpoint import CHECKPOINT
from seamline.training.loop import train
from seamline.training.settings import LoopSettings
from seamline.training.task import Batch, Task


class PowerCut(Exception):
    """The power went."""


def assert_resumes(make: Callable[[], Task[Any]], settings: LoopSettings, folder: Path, at: int = 1) -> Path:
    """Train twice: in one go, and cut off while step `at` is computed. Returns the folder of the former."""
    settings = dataclasses.replace(settings, checkpoint_every=1, precision="fp32", device="cpu")
    whole, parts = folder / "whole", folder / "parts"
    assert train(make(), settings, whole).finished
    try:
        train(cut_off(make(), at), settings, parts)
    except PowerCut:
        assert load_state(parts / CHECKPOINT)["step"] == at
    else:
        raise AssertionError(f"there was no step {at}")
    assert train(make(), settings, parts).finished
    assert_equal(load_state(whole / CHECKPOINT), load_state(parts / CHECKPOINT))
    for result in whole.glob("*.pt"):
        assert_equal(load_state(result), load_state(parts / result.name))
    return whole


def cut_off(task: Task[Any], at: int) -> Task[Any]:
    """The task, whose step number `at` is never done."""
    loss, done = task.loss, 0

    def broken(batch: Batch) -> Mapping[str, torch.Tensor]:
        nonlocal done
        if done == at:
            raise PowerCut
        done += 1
        return loss(batch)

    task.loss = broken  # type: ignore[method-assign]
    return task


def assert_equal(first: object, second: object) -> None:
    """Equal to the bit, tensors in nested dictionaries and lists too."""
    assert type(first) is type(second)
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        assert torch.equal(first, second)
    elif isinstance(first, dict) and isinstance(second, dict):
        assert list(first) == list(second)
        for name in first:
            assert_equal(first[name], second[name])
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        assert len(first) == len(second)
        for pair in zip(first, second, strict=True):
            assert_equal(*pair)
    else:
        assert first == second
