"""Where a training computes and how precisely."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import torch

from seamline.training.errors import BadConfig
from seamline.training.settings import Precision

_MEASURED_STEPS = 2
_WORTH = 0.9
"""bfloat16 is taken on a CPU when its step lasts no longer than this share of a float32 step."""


def choose_device(name: str) -> torch.device:
    """ "auto" is a GPU if there is one. Raises BadConfig when there is no such device."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise BadConfig(f"loop.device: {name!r} is not a device; allowed are auto, cpu, cuda and cuda:N") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadConfig(f"loop.device: there is no {name!r} on this machine; auto takes what there is")
    return device


def choose_precision(wanted: Precision, device: torch.device, step: Callable[[Precision], object]) -> Precision:
    """What "auto" stands for here. `step(precision)` computes loss and gradient without following it."""
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if _seconds(step, "bf16") < _WORTH * _seconds(step, "fp32") else "fp32"


def _seconds(step: Callable[[Precision], object], precision: Precision) -> float:
    step(precision)
    start = time.perf_counter()
    for _ in range(_MEASURED_STEPS):
        step(precision)
    return time.perf_counter() - start


def autocast(precision: Precision, device: torch.device) -> contextlib.AbstractContextManager[object]:
    """The context in which a loss is computed."""
    if precision == "bf16":
        return torch.autocast(device.type, torch.bfloat16)
    return contextlib.nullcontext()
