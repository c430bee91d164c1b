"""Its description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seamline.core.garments import Embeddings, Floats, Pixels
from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.systems.base import Run, System


class MeanColour:
    """One vector of three numbers."""

    def embed(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Embeddings:
        """n crops -> n rows."""
        colours = (crops.reshape(len(crops), -1, 3).mean(1) + 1).astype(np.float32)
        vectors = colours / np.linalg.norm(colours, axis=-1, keepdims=True)
        return Embeddings(vectors[:, None], squares[:, None, :4], np.ones((len(crops), 1), np.float32), None)


def _spec() -> Spec:
    scoring = ScoringSpec.of_parts(1)
    return Spec("colour", Parts(("whole",), (0,), 3), scoring, rankings=("global", "partial"))


def _embedder(networks: Mapping[str, Run], spec: Spec) -> MeanColour:
    return MeanColour()


SYSTEM = System(
    name="colour",
    paper="none",
    summary="The mean colour of the crop.",
    spec=_spec,
    spec_type=Spec,
    tasks={},
    networks=lambda spec: [],
    steps=(),
    embedder=_embedder,
)
