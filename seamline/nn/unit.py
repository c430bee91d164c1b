"""Vectors of unit length."""

from __future__ import annotations

from torch import Tensor


def unit(vectors: Tensor) -> Tensor:
    """Vectors scaled to length 1 along the last axis."""
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp_min(1e-6)
