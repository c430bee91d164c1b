"""Copies of model repositories whose queues take every request.

A server that refuses what it cannot answer in time says little about how much it can answer: perf_analyzer ends at the
first refusal. So the curve of throughput is taken without the limits; how they hold is another measurement.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from seamline.local.repository import config_file, model_folders, read_config

_ALL = "1000"
"""Photos that the step `decode` lets in at a time: more than any client asks for."""


def write(repository: Path, target: Path, variant: str) -> list[str]:
    """Copy a model repository without its queue limits; the models that had some, by name."""
    shutil.copytree(repository, target, ignore=shutil.ignore_patterns("__pycache__"))
    return [folder.name for folder in model_folders(target) if _lift(folder, variant)]


def _lift(folder: Path, variant: str) -> bool:
    config = read_config(folder, variant)
    if not lift(config):
        return False
    config_file(folder, variant).write_text(text_format.MessageToString(config), encoding="utf-8")
    return True


def lift(config: Any) -> bool:
    """Take the limits of queues out of a `ModelConfig`; whether there were any."""
    limits = ("default_queue_policy", "priority_queue_policy")
    had = bool(config.dynamic_batching.default_queue_policy.ByteSize() or config.dynamic_batching.priority_queue_policy)
    for limit in limits if had else ():
        config.dynamic_batching.ClearField(limit)
    if "in_flight" in config.parameters and config.parameters["in_flight"].string_value != _ALL:
        config.parameters["in_flight"].string_value = _ALL
        had = True
    return had
