"""Vectors as Milvus stores them: FP32, FP16 or BF16. Everything outside the index is FP32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pymilvus import DataType

from seamline.index.garment import Floats

TYPES = {"FP32": DataType.FLOAT_VECTOR, "FP16": DataType.FLOAT16_VECTOR, "BF16": DataType.BFLOAT16_VECTOR}
"""Precision -> Milvus's type of field."""


def encoded(vector: Floats, precision: str) -> Any:
    """A vector (W,) as pymilvus takes it."""
    if precision == "FP32":
        return vector.astype(np.float32)
    if precision == "FP16":
        return vector.astype(np.float16).tobytes()
    bits = np.ascontiguousarray(vector, np.float32).view(np.uint32)
    # To the nearest value with 8 bits of fraction, halves to the even one.
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16).tobytes()


def decoded(rows: Sequence[Any], precision: str, width: int) -> Floats:
    """Vectors (N, W) of what pymilvus gives for N rows of `width` W."""
    if precision == "FP32":
        return np.array(rows, np.float32).reshape(len(rows), width)
    joined = b"".join(row if isinstance(row, bytes) else b"".join(row) for row in rows)
    if precision == "FP16":
        return np.frombuffer(joined, np.float16).astype(np.float32).reshape(len(rows), width)
    bits = np.frombuffer(joined, np.uint16).astype(np.uint32) << 16
    return bits.view(np.float32).reshape(len(rows), width)
