"""What can be trained, by name."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from typing import Any

from seamline.training.settings import LoopSettings
from seamline.training.sources import Sources

TASKS = {
    "psnet": "seamline.systems.psnet.task",
    "psnet_lite": "seamline.systems.psnet_lite.task",
    "psnet_lite_landmarks": "seamline.systems.psnet_lite.landmark_task",
    "detector": "seamline.training.detector.task",
}
"""Task -> the module whose KIND it is; imported when it is wanted, since tasks need PyTorch."""

FORMER_NAMES = {"retrieval": "psnet_lite", "landmarks": "psnet_lite_landmarks"}
"""Names that configuration files from before may have, and the tasks' own."""


def _nothing_to_check(options: Any) -> None:
    pass


@dataclasses.dataclass(frozen=True)
class TaskKind:
    """Defaults of a task's options and of its loop, and `build(sources, options, seed)`, which gives the Task.

    `check(options)` raises BadConfig for what can be known to be wrong before photos are read.
    """

    options: Any
    loop: LoopSettings
    build: Callable[[Sources, Any, int], Any]
    check: Callable[[Any], None] = _nothing_to_check


def task_kind(name: str) -> TaskKind:
    """The kind of task with this name, one of TASKS."""
    kind: TaskKind = importlib.import_module(TASKS[name]).KIND
    return kind
