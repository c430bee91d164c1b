"""How PS-Net is served: two networks, and between them the step in Python that pools regions; and the same in this
process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seamline.core.garments import Embeddings, Floats, Pixels
from seamline.core.spec import Spec
from seamline.serving.given_landmarks import GIVEN_LANDMARKS
from seamline.serving.step import Setting
from seamline.systems.base import Run, ServedStep
from seamline.systems.psnet.region_pool import RegionPool, head_inputs


def region_steps(prefix: str = "", straight: Sequence[str] = ()) -> tuple[ServedStep, ...]:
    """encoder -> region_pool -> region_head, their names after `prefix`; `straight`: further outputs of the encoder,
    which the head takes as they are."""
    passed = {name: name.lower() for name in straight}
    return (
        ServedStep(
            f"{prefix}encoder",
            "onnxruntime",
            {"CROPS": "crops"},
            {"FEATURES": "features", "CROP_LANDMARKS": "crop_landmarks", **passed},
            network="encoder",
        ),
        ServedStep(
            f"{prefix}region_pool",
            "python",
            {
                "FEATURES": "features",
                "CROP_LANDMARKS": "crop_landmarks",
                "SQUARES": "squares",
                "CROP_CATEGORY": "crop_category",
                "COUNT": "count",
                GIVEN_LANDMARKS: GIVEN_LANDMARKS,
            },
            {
                "REGION_FEATURES": "region_features",
                "REGION_PRESENT": "region_present",
                "LANDMARKS": "landmarks",
                "PART_BOXES": "part_boxes",
                "PART_CORNERS": "part_corners",
                "PART_VISIBLE": "part_visible",
            },
            model="seamline.systems.psnet.region_pool:RegionPool",
        ),
        ServedStep(
            f"{prefix}region_head",
            "onnxruntime",
            {"REGION_FEATURES": "region_features", "REGION_VISIBLE": "region_present", **passed},
            {"EMBEDDING": "head_embedding"},
            network="region_head",
        ),
    )


class PSNetEmbedder:
    """A `CropEmbedder` of two networks, `encoder` and `region_head`, and the step between them. `straight`: as in
    `region_steps`."""

    def __init__(self, networks: Mapping[str, Run], spec: Spec, straight: Sequence[str] = ()) -> None:
        self._straight = straight
        self._encoder, self._head = networks["encoder"], networks["region_head"]
        self._pool = RegionPool(Setting(spec))
        self._none = Embeddings.none(spec)

    def embed(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Embeddings:
        """crops (n, side, side, 3), squares (n, 5) in their photos' pixels and n categories -> n rows."""
        if not len(crops):
            return self._none
        seen = self._encoder({"CROPS": crops})
        pooled = self._pool.pool(seen, squares, categories)
        head = self._head({**head_inputs(pooled), **{name: seen[name] for name in self._straight}})
        return Embeddings(head["EMBEDDING"], pooled["PART_BOXES"], pooled["PART_VISIBLE"], pooled["LANDMARKS"])
