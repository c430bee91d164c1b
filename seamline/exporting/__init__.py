"""From a trained checkpoint to a network that a server runs, with figures that say that both compute the same.

Nothing here imports torch before a checkpoint is read, so that an exported network can be compared and installed where
there is none.
"""

from __future__ import annotations

from seamline.exporting.errors import ExportError, ExportRefused, InstallRefused
from seamline.exporting.parity import Comparison, compare
from seamline.exporting.parts import PARTS, Array, Part, Run, onnx_run, torch_run

__all__ = [
    "PARTS",
    "Array",
    "Comparison",
    "ExportError",
    "ExportRefused",
    "InstallRefused",
    "Part",
    "Run",
    "compare",
    "onnx_run",
    "torch_run",
]
