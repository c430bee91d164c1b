"""trim: the last step of `embed`, which drops the blank row of a photo without garments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from seamline.core.versions import describe
from seamline.serving import bounds
from seamline.serving.step import Array, Setting, Tensors, as_bytes


class Trim:
    """EMBEDDING (m, P, D), COUNT n -> EMBEDDING (n, P, D) and VERSIONS."""

    inputs: ClassVar[tuple[str, ...]] = ("HEAD_EMBEDDING", "COUNT")
    outputs: ClassVar[tuple[str, ...]] = ("EMBEDDING", "VERSIONS")

    def __init__(self, setting: Setting) -> None:
        self._parts, self._most = setting.spec.parts, setting.spec.detector.max_garments
        self._versions = json.dumps(describe(setting.spec))

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        rows = bounds.rows(tensors, "HEAD_EMBEDDING", self._most)
        vectors = bounds.vectors(tensors, "HEAD_EMBEDDING", (rows, len(self._parts), self._parts.dimension))
        return {
            "EMBEDDING": vectors[: bounds.garments(tensors, rows)],
            "VERSIONS": as_bytes((self._versions,), (1,)),
        }
