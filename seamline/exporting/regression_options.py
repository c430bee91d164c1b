"""How search results of two forms of the networks are compared."""

from __future__ import annotations

import dataclasses
from pathlib import Path

LEVEL = "medium"
"""How hard the benchmark's copies are."""


@dataclasses.dataclass(frozen=True)
class RegressionOptions:
    """`photos`: the benchmark's folder; `cache`: where it keeps what it computed; `queries`, `gallery`: at most so many
    originals and photos; `repository`: the model repository whose detector finds the garments; `against_pytorch`:
    whether PyTorch gives the reference's vectors, else the float32 graph does."""

    photos: Path
    cache: Path
    repository: Path
    queries: int | None = None
    gallery: int | None = None
    against_pytorch: bool = True
