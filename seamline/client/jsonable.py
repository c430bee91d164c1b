"""Results as values that `json.dumps` accepts: NaN becomes None, so that the output is valid JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def to_jsonable(value: Any, *, vectors: bool = False) -> Any:
    """Dicts, lists, texts and numbers for any result; vectors of parts only when asked for."""
    if type(value) is float:  # most of what a result holds
        return _number(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        left_out = {"raw"} if vectors else {"raw", "vectors"}
        names = [field.name for field in dataclasses.fields(value) if field.name not in left_out]
        return {name: to_jsonable(getattr(value, name), vectors=vectors) for name in names}
    if isinstance(value, Mapping):
        return {str(key): to_jsonable(item, vectors=vectors) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_jsonable(item, vectors=vectors) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return to_jsonable(value.tolist())
    if isinstance(value, np.generic):
        return _scalar(value.item())
    if isinstance(value, float):
        return _number(value)
    return str(value) if isinstance(value, Path | Exception) else value


def _number(value: float) -> float | None:
    """Seven digits are all that a FP32 of the wire holds."""
    return float(f"{value:.7g}") if math.isfinite(value) else None
