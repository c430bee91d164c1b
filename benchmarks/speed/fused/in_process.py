"""Both chains in one process: what an ensemble without a server would cost."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from benchmarks.speed.fused.graph import OUTPUTS
from benchmarks.speed.fused.steps import category_numbers
from seamline.evaluation.weights import Weights
from seamline.serving.local_pipeline import Finder, Found
from seamline.serving.step import Array


class FusedPath:
    """decode, detector, crop and the fused network, one after the other, on one thread."""

    def __init__(self, weights: Weights, network: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._finder = Finder(weights, threads=1)
        self._session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])

    def embed(self, data: bytes) -> dict[str, Array]:
        """The fused network's outputs for the garments of a photo that has some."""
        return self.describe(self._finder.find(data))

    def describe(self, found: Found) -> dict[str, Array]:
        """The fused network's outputs for garments, of which there is at least one."""
        numbers = category_numbers(found.categories)
        feed = {"CROPS": found.crops, "CATEGORY_NUMBER": numbers, "SQUARES": found.squares}
        return dict(zip(OUTPUTS, self._session.run(list(OUTPUTS), feed), strict=True))
