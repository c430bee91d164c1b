"""onnxruntime session options from a model's config, under the names of Triton's own onnxruntime backend.

`parameters` understood: intra_op_thread_count, inter_op_thread_count, execution_mode (0 sequential,
1 parallel), enable_mem_arena, enable_mem_pattern; and `optimization { graph { level } }` (-1 basic,
1 extended, 2 none, otherwise all). Other parameters belong to other readers and are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnxruntime

from seamline.local.errors import ConfigMismatch

DEFAULT_THREADS = 1
"""Threads of one instance when the config does not say: Triton runs several instances side by side, and
onnxruntime's own default (every core for each of them) makes them wait for each other."""

_LEVELS = {
    -1: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    1: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    2: onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
}
_MODES = {
    0: onnxruntime.ExecutionMode.ORT_SEQUENTIAL,
    1: onnxruntime.ExecutionMode.ORT_PARALLEL,
}


def session_options(config: Mapping[str, Any]) -> onnxruntime.SessionOptions:
    """Options for `config`, a Triton model config as a dictionary.

    Raises ConfigMismatch for a parameter that is not a number or not one of its values.
    """
    options = onnxruntime.SessionOptions()
    # 3 is "errors only": a network's harmless warnings would fill the server's log at every start.
    options.log_severity_level = 3
    options.intra_op_num_threads = _count(config, "intra_op_thread_count")
    options.inter_op_num_threads = _count(config, "inter_op_thread_count")
    options.execution_mode = _MODES[_choice(config, "execution_mode", _MODES, 0)]
    options.enable_cpu_mem_arena = bool(_choice(config, "enable_mem_arena", (0, 1), 1))
    options.enable_mem_pattern = bool(_choice(config, "enable_mem_pattern", (0, 1), 1))
    options.graph_optimization_level = _LEVELS.get(
        _graph_level(config), onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    )
    return options


def _count(config: Mapping[str, Any], key: str) -> int:
    count = _number(config, key, DEFAULT_THREADS)
    if count < 0:
        raise ConfigMismatch(f"the parameter {key!r} is {count}; a number of threads is 0 (every core) or more")
    return count


def _choice(config: Mapping[str, Any], key: str, allowed: Any, default: int) -> int:
    value = _number(config, key, default)
    if value not in allowed:
        raise ConfigMismatch(f"the parameter {key!r} is {value}; it can be {' or '.join(map(str, allowed))}")
    return value


def _number(config: Mapping[str, Any], key: str, default: int) -> int:
    text = str((config.get("parameters") or {}).get(key, {}).get("string_value", default))
    try:
        return int(text)
    except ValueError:
        raise ConfigMismatch(f"the parameter {key!r} is {text!r}, which is not a whole number") from None


def _graph_level(config: Mapping[str, Any]) -> int:
    graph = (config.get("optimization") or {}).get("graph") or {}
    return int(graph.get("level", 0))
