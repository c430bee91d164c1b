"""TensorRT and TensorRT-RTX as one thing: the same API under two module names.

TensorRT-RTX (`tensorrt_rtx_bindings`) builds ahead of time for GPUs that are not in this machine. TensorRT (`tensorrt`)
builds for the GPU that is, and Triton's `tensorrt_plan` backend serves what it builds.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
from typing import Any

from seamline.exporting.errors import ExportError

INSTALL_RTX = 'pip install -e ".[tensorrt]"'


@dataclasses.dataclass(frozen=True)
class TrtVariant:
    """One of the two. `ahead_of_time`: whether it builds for architectures that are named, without a GPU."""

    name: str
    module: Any
    ahead_of_time: bool

    @property
    def version(self) -> str:
        """As the library names it."""
        return str(self.module.__version__)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def tensorrt_rtx() -> TrtVariant:
    """NVIDIA's parser and ahead-of-time builder. Raises ExportError where the wheels are missing."""
    search = os.environ.get("LD_LIBRARY_PATH")
    try:
        importlib.import_module("onnxruntime_ep_nv_tensorrt_rtx")  # loads the libraries that the bindings need
        module = importlib.import_module("tensorrt_rtx_bindings")
    except ImportError as error:
        raise ExportError(f"TensorRT-RTX is not installed ({error}); run `{INSTALL_RTX}`") from error
    finally:
        _restore("LD_LIBRARY_PATH", search)  # the package prepends itself, which child processes would inherit
    return TrtVariant("TensorRT-RTX", module, ahead_of_time=True)


def tensorrt() -> TrtVariant:
    """TensorRT itself. Raises ExportError where it is missing."""
    try:
        module = importlib.import_module("tensorrt")
    except ImportError as error:
        raise ExportError(
            f"TensorRT is not installed ({error}); run this in NVIDIA's TensorRT container, or use --check, which does "
            "without"
        ) from error
    return TrtVariant("TensorRT", module, ahead_of_time=False)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
