"""`embed` and `search` in one process: the same steps and networks, called one after the other, with the same index."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seamline.core.garments import Detections, Embeddings
from seamline.core.spec import Spec
from seamline.local.repository import read_config
from seamline.serving.retrieve import Retrieve
from seamline.serving.step import Array, Setting, as_bytes
from seamline.serving.weights import Weights, newest


class InProcess:
    """What an ensemble without a server would cost: the lower bound of its latency.

    `threads` are those of every network, 0 is onnxruntime's own choice.
    """

    def __init__(self, model_repository: Path, threads: int = 1) -> None:
        self._pipeline = Weights.of_repository(model_repository).open_pipeline(threads)
        parameters = read_config(model_repository / "retrieve").parameters
        given = {name: parameters[name].string_value for name in parameters}
        self._retrieve = Retrieve(Setting(Spec.load(newest(model_repository, "retrieve") / "spec.json"), given))

    def embed(self, data: bytes) -> tuple[Detections, Embeddings]:
        """The photo's garments with their vectors."""
        return self._pipeline.embed(data)

    def search(self, data: bytes, collection: str) -> dict[str, Array]:
        """Hits of the photo's garments, as the ensemble answers them with its default options."""
        garments, embeddings = self.embed(data)
        options = dict.fromkeys(("TOP_K", "RANKING", "PART_WEIGHTS", "CATEGORIES"))
        return dict(
            self._retrieve(
                {
                    **options,
                    "HEAD_EMBEDDING": embeddings.vectors,
                    "COUNT": np.array([len(garments)], np.int32),
                    "CATEGORY": as_bytes(garments.categories, (len(garments),)),
                    "COLLECTION": as_bytes((collection,), (1,)),
                }
            )
        )
