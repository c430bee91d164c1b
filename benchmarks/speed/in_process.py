"""`search` in one process: the same steps and networks, called one after the other, with the same index."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seamline.evaluate.served import ServedPath
from seamline.evaluate.weights import newest
from seamline.spec import Spec
from seamline.steps.retrieve import Retrieve
from seamline.steps.step import Array, Setting, as_bytes


class InProcess:
    """What an ensemble without a server would cost: the lower bound of its latency."""

    def __init__(self, model_repository: Path) -> None:
        self._path = ServedPath.of_repository(model_repository, threads=1)
        self._retrieve = Retrieve(Setting(Spec.load(newest(model_repository, "retrieve") / "spec.json")))

    def search(self, data: bytes, collection: str) -> dict[str, Array]:
        """Hits of the photo's garments, as the ensemble answers them with its default options."""
        garments = self._path.embed(data)
        options = dict.fromkeys(("TOP_K", "RANKING", "REGION_WEIGHTS", "CATEGORIES"))
        return dict(
            self._retrieve(
                {
                    **options,
                    "HEAD_EMBEDDING": garments.embedding,
                    "COUNT": np.array([len(garments)], np.int32),
                    "CATEGORY": as_bytes(garments.categories, (len(garments),)),
                    "COLLECTION": as_bytes((collection,), (1,)),
                }
            )
        )
