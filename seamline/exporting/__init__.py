"""From a trained checkpoint to a network that a server runs, with figures that say that both compute the same.

Nothing here imports torch before a checkpoint is read, so that an exported network can be compared and installed where
there is none.
"""

from __future__ import annotations

from seamline.exporting.errors import ExportError, ExportRefused, InstallRefused
from seamline.exporting.networks import Array, crops_network, default_networks, networks_of, onnx_run, torch_run
from seamline.exporting.parity import Comparison, compare
from seamline.systems.base import ExportedNetwork, Run

__all__ = [
    "Array",
    "Comparison",
    "ExportError",
    "ExportRefused",
    "ExportedNetwork",
    "InstallRefused",
    "Run",
    "compare",
    "crops_network",
    "default_networks",
    "networks_of",
    "onnx_run",
    "torch_run",
]
