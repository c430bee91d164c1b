"""PS-Net's networks and the step between them in this process: crops -> vectors of the regions, as they are served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seamline.core.garments import Embeddings, Floats, Pixels
from seamline.core.spec import Spec
from seamline.serving.step import Setting
from seamline.systems.base import Run
from seamline.systems.psnet.region_pool import RegionPool, head_inputs


class PSNetEmbedder:
    """A `CropEmbedder` of two networks, `encoder` and `region_head`, and the step between them."""

    def __init__(self, networks: Mapping[str, Run], spec: Spec) -> None:
        self._encoder, self._head = networks["encoder"], networks["region_head"]
        self._pool = RegionPool(Setting(spec))
        self._none = Embeddings.none(spec)

    def embed(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Embeddings:
        """crops (n, side, side, 3), squares (n, 4) in their photos' pixels and n categories -> n rows."""
        if not len(crops):
            return self._none
        pooled = self._pool.pool(self._encoder({"CROPS": crops}), squares, categories)
        head = self._head(head_inputs(pooled))
        return Embeddings(head["EMBEDDING"], pooled["PART_BOXES"], pooled["PART_VISIBLE"], pooled["LANDMARKS"])
