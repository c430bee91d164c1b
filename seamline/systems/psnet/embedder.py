"""encoder, region_pool and region_head in this process: crops -> vectors of the regions, as they are served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from seamline.core.garments import Embeddings, Floats, Pixels
from seamline.core.spec import Spec
from seamline.serving.onnx_network import OnnxNetwork
from seamline.serving.step import Setting
from seamline.systems.psnet.region_pool import RegionPool, head_inputs


class PSNetEmbedder:
    """A `CropEmbedder` of two ONNX files, `encoder` and `region_head`, and the step between them."""

    def __init__(self, networks: Mapping[str, Path], spec: Spec, threads: int) -> None:
        self._encoder = OnnxNetwork(networks["encoder"], threads)
        self._pool = RegionPool(Setting(spec))
        self._head = OnnxNetwork(networks["region_head"], threads)
        self._none = _none(spec)

    def embed(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Embeddings:
        """crops (n, side, side, 3), squares (n, 4) in their photos' pixels and n categories -> n rows."""
        if not len(crops):
            return self._none
        pooled = self._pool.pool(self._encoder(CROPS=crops), squares, categories)
        head = self._head(**head_inputs(pooled))
        return Embeddings(head["EMBEDDING"], pooled["PART_BOXES"], pooled["PART_VISIBLE"], pooled["LANDMARKS"])


def _none(spec: Spec) -> Embeddings:
    parts, empty = len(spec.parts), np.float32
    return Embeddings(
        np.zeros((0, parts, spec.parts.dimension), empty), np.zeros((0, parts, 4), empty),
        np.zeros((0, parts), empty), np.zeros((0, len(spec.landmarks), 3), empty),
    )  # fmt: skip
