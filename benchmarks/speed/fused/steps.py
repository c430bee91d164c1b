"""The two Python steps around the fused network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from seamline.core.spec import CATEGORIES
from seamline.serving.crop import Crop
from seamline.serving.step import Array, Setting, Tensors, required, texts
from seamline.serving.trim import Trim


class NumberedCrop(Crop):
    """`Crop` with CATEGORY_NUMBER int32 (m, 1) in addition: a network takes no text."""

    outputs: ClassVar[tuple[str, ...]] = (*Crop.outputs, "CATEGORY_NUMBER")

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        found = super().__call__(tensors)
        return {**found, "CATEGORY_NUMBER": category_numbers(texts(found, "CROP_CATEGORY"))}


class Finish:
    """What `Trim` does to EMBEDDING, for everything that the fused network says of a garment."""

    inputs: ClassVar[tuple[str, ...]] = ("HEAD_EMBEDDING", "PLACED", "BOXES", "VISIBLE", "COUNT")
    outputs: ClassVar[tuple[str, ...]] = ("EMBEDDING", "VERSIONS", "LANDMARKS", "REGION_BOXES", "REGION_VISIBLE")

    def __init__(self, setting: Setting) -> None:
        self._trim = Trim(setting)

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        count = int(required(tensors, "COUNT")[0])
        rows = {"LANDMARKS": "PLACED", "REGION_BOXES": "BOXES", "REGION_VISIBLE": "VISIBLE"}
        kept = {name: required(tensors, source)[:count] for name, source in rows.items()}
        return {**self._trim(tensors), **kept}


def category_numbers(names: tuple[str, ...]) -> Array:
    """Places of the categories in `spec.CATEGORIES`, int32 (m, 1); the number after the last for any other."""
    known = {name: number for number, name in enumerate(CATEGORIES)}
    return np.array([[known.get(name, len(CATEGORIES))] for name in names], np.int32)
