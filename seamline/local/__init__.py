"""The embedded server: the real Triton from its wheel and Milvus Lite, on this machine, without containers.

    from seamline.local import LocalOptions, down, status, up

    up(LocalOptions())        # Endpoints(grpc="127.0.0.1:8001", ...)
    status()["canary"]        # {"outcome": "answered", "milliseconds": 82.0}
    down()

The names are imported when they are used: the processes of Triton's steps import this package as well, and
must start quickly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seamline.local.control import down, endpoints, up
    from seamline.local.errors import (
        AlreadyRunning,
        CannotRunHere,
        ConfigMismatch,
        LocalError,
        MissingPackage,
        MissingRepository,
        MissingWeights,
        MixedVersions,
        NoSharedMemory,
        NotRunning,
        PortTaken,
        StartFailed,
        WrongNumpy,
        WrongPlatform,
        WrongPython,
        WrongVariant,
    )
    from seamline.local.observe import log_paths, logs, status
    from seamline.local.options import Endpoints, LocalOptions, default_home
    from seamline.local.server import LocalServer

__all__ = [
    "AlreadyRunning",
    "CannotRunHere",
    "ConfigMismatch",
    "Endpoints",
    "LocalError",
    "LocalOptions",
    "LocalServer",
    "MissingPackage",
    "MissingRepository",
    "MissingWeights",
    "MixedVersions",
    "NoSharedMemory",
    "NotRunning",
    "PortTaken",
    "StartFailed",
    "WrongNumpy",
    "WrongPlatform",
    "WrongPython",
    "WrongVariant",
    "default_home",
    "down",
    "endpoints",
    "log_paths",
    "logs",
    "status",
    "up",
]

_HOMES = {
    "control": ("down", "endpoints", "up"),
    "options": ("Endpoints", "LocalOptions", "default_home"),
    "server": ("LocalServer",),
    "observe": ("log_paths", "logs", "status"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = next((home for home, names in _HOMES.items() if name in names), "errors")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
