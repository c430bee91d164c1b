"""A system of one network: CROPS in, EMBEDDING [P,D] out, and perhaps where parts and landmarks are in the crop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seamline.core.garments import Embeddings, Floats, Pixels
from seamline.core.spec import Spec
from seamline.serving.place_parts import PlaceParts
from seamline.serving.step import Array, Setting
from seamline.systems.base import Run, ServedStep

PLACES = ("CROP_PART_BOXES", "CROP_PART_VISIBLE", "CROP_LANDMARKS")
"""What a network may give beside its vectors, in pixels of the crop: [P,4], [P] and [K,3]."""


def one_network_steps(name: str, places: Sequence[str] = ()) -> tuple[ServedStep, ...]:
    """How such a system is served: the network `name`, with the outputs EMBEDDING and `places`, and a step in Python
    that brings what they say into the photo."""
    known = {place: place.lower() for place in places}
    placed = {"PART_BOXES": "part_boxes", "PART_CORNERS": "part_corners", "PART_VISIBLE": "part_visible"}
    if "CROP_LANDMARKS" in known:
        placed["LANDMARKS"] = "landmarks"
    return (
        ServedStep(
            name, "onnxruntime", {"CROPS": "crops"}, {"EMBEDDING": "head_embedding", **known}, network=name
        ),
        ServedStep(
            f"{name}_parts", "python",
            {"HEAD_EMBEDDING": "head_embedding", "SQUARES": "squares", "COUNT": "count", **known}, placed,
            model="seamline.serving.place_parts:PlaceParts",
        ),
    )  # fmt: skip


class OneNetworkEmbedder:
    """A `CropEmbedder` of one network."""

    def __init__(self, networks: Mapping[str, Run], spec: Spec) -> None:
        (self._network,) = networks.values()
        self._place = PlaceParts(Setting(spec))
        self._none = Embeddings.none(spec)

    def embed(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Embeddings:
        """crops (n, side, side, 3), squares (n, 5) in their photos' pixels and n categories -> n rows."""
        if not len(crops):
            return self._none
        found = self._network({"CROPS": crops})
        vectors: Array = found["EMBEDDING"]
        placed = self._place.place({**found, "HEAD_EMBEDDING": vectors, "SQUARES": squares}, len(crops))
        return Embeddings(vectors, placed["PART_BOXES"], placed["PART_VISIBLE"], placed.get("LANDMARKS"))
