"""The comparison of the training loop with a bare one."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")

import torch

from benchmarks.training.__main__ import Cost
from benchmarks.training.timed_task import Clock, TimedTask, bare_steps, prepared
from seamline.training.loop import train
from seamline.training.settings import LoopSettings
from tests.training.toy_task import ToyTask


def test_every_step_of_the_loop_is_timed_and_nothing_is_evaluated(tmp_path: Path) -> None:
    task = ToyTask()
    timed = TimedTask(task)
    train(timed, LoopSettings(steps=5, precision="fp32", device="cpu"), tmp_path)
    assert len(timed.begun) == 5
    assert timed.begun == sorted(timed.begun)
    assert task.evaluations == 0
    assert not (tmp_path / "result.pt").exists()


def test_both_loops_do_the_same_work(tmp_path: Path) -> None:
    ours, bare = ToyTask(), ToyTask()
    train(TimedTask(ours), LoopSettings(steps=3, precision="fp32", device="cpu", weight_decay=0.0), tmp_path)
    optimiser = torch.optim.Adam(bare.network.parameters(), 1e-3)
    assert bare_steps(bare, prepared(bare, 3, torch.device("cpu")), optimiser, "fp32", 1).wall > 0
    assert ours.seen == bare.seen == 3
    assert not torch.equal(ToyTask().network["last"].weight, bare.network["last"].weight)


def test_a_row_says_how_much_longer_a_step_takes() -> None:
    cost = Cost(2, (Clock(1.0, 1.0), Clock(2.0, 1.0)), (Clock(1.1, 3.0), Clock(2.0, 3.0)))
    wall, cpu = cost.lines().splitlines()
    assert wall.split() == ["2", "wall", "1.500", "1.550", "1.033", "(1.000", "to", "1.100)"]
    assert cpu.split() == ["2", "cpu", "1.000", "3.000", "3.000", "(3.000", "to", "3.000)"]
