"""What the three networks are fed with on real photos, as the served path feeds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.speed.fused.photos import with_garments
from seamline.evaluation.weights import Weights
from seamline.exporting.parts import onnx_run
from seamline.serving.decode import Decode
from seamline.serving.local_pipeline import Finder, ServedPath
from seamline.serving.step import Array, Setting
from seamline.systems.psnet.region_pool import RegionPool, head_inputs

Rows = Mapping[str, Array]
"""Input -> rows of one network, the first axis counts them."""


def read_rows(weights: Weights, photos: Sequence[Path], wanted: int) -> dict[str, Rows]:
    """Network -> at most `wanted` rows, from photos in which exactly one garment is found."""
    pictures = with_garments(ServedPath(weights, threads=1), photos, garments=1, wanted=wanted)
    decode, finder = Decode(Setting(weights.spec)), Finder(weights, threads=1)
    letterboxes = [decode({"IMAGE": np.array([data], dtype=object)})["DETECTOR_INPUT"] for data in pictures]
    found = [finder.find(data) for data in pictures]
    crops = np.concatenate([garment.crops for garment in found])
    pooled = RegionPool(Setting(weights.spec)).pool(
        onnx_run(weights.encoder)({"CROPS": crops}),
        np.concatenate([garment.squares for garment in found]),
        [garment.categories[0] for garment in found],
    )
    return {
        "detector": {"DETECTOR_INPUT": np.concatenate(letterboxes)},
        "encoder": {"CROPS": crops},
        "region_head": head_inputs(pooled),
    }


def batch(rows: Rows, size: int) -> dict[str, Array]:
    """The first `size` rows, from the start again where there are fewer."""
    return {name: array[np.arange(size) % len(array)] for name, array in rows.items()}
