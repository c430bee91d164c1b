"""What can be trained, by name: the tasks of the systems, and the detector's, which all systems share."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Mapping
from typing import Any

from seamline.systems import SYSTEMS, system_named
from seamline.training.settings import LoopSettings
from seamline.training.sources import Sources

SHARED = {"detector": "seamline.training.detector.task"}

FORMER_NAMES = {"retrieval": "psnet_lite", "landmarks": "psnet_lite_landmarks"}
"""Names that configuration files from before may have, and the tasks' own."""


def task_modules() -> Mapping[str, str]:
    """Task -> the module whose KIND it is; imported when it is wanted, since tasks need PyTorch."""
    of_systems = {task: module for name in SYSTEMS for task, module in system_named(name).tasks.items()}
    return of_systems | SHARED


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
    """The kind of task with this name, one of `task_modules`."""
    kind: TaskKind = importlib.import_module(task_modules()[name]).KIND
    return kind
