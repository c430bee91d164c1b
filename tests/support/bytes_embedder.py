"""An embedder that answers from the photo's bytes: what indexing needs of a server, without one."""

from __future__ import annotations

import hashlib
import threading
import time

import numpy as np

from seamline.client import Embedded, Garment, Versions
from seamline.core.errors import BadPhoto, Unavailable
from seamline.core.spec import ScoringSpec
from seamline.systems.psnet.spec import region_parts

DIMENSION = 8
FINGERPRINT = "0123456789abcdef"


def versions(fingerprint: str = FINGERPRINT) -> Versions:
    parts = region_parts(DIMENSION)
    return Versions(
        seamline="0", system="psnet_lite", fingerprint=fingerprint, detector="0", parts=parts, landmarks=(),
        rankings=("partial",), scoring=ScoringSpec.of_parts(len(parts)),
    )  # fmt: skip


class BytesEmbedder:
    """A garment per byte `g` in the file; `broken` in it cannot be read; away after `answers` photos."""

    def __init__(self, answers: int = 10**9, fingerprint: str = FINGERPRINT, seconds: float = 0.0) -> None:
        self.asked: list[bytes] = []
        self._answers, self._seconds = answers, seconds
        self._versions = versions(fingerprint)
        self._lock = threading.Lock()

    def versions(self) -> Versions:
        return self._versions

    def embed(self, photo: bytes) -> Embedded:
        with self._lock:
            if len(self.asked) >= self._answers:
                raise Unavailable("the server is gone")
            self.asked.append(photo)
        time.sleep(self._seconds)
        if b"broken" in photo:
            raise BadPhoto("the bytes are not a photo")
        return self._embedded(photo)

    def _embedded(self, data: bytes) -> Embedded:
        digest = hashlib.sha256(data).hexdigest()
        vectors = np.random.default_rng(int(digest[:8], 16)).normal(size=(5, DIMENSION)).astype(np.float32)
        boxes, landmarks = np.zeros((5, 4), np.float32), np.zeros((22, 3), np.float32)
        corners = np.zeros((5, 4, 2), np.float32)
        garments = tuple(
            Garment(number, (0, 0, 9, 9), 0.9, "vest", landmarks, boxes, corners, np.ones(5, np.float32), vectors)
            for number in range(data.count(b"g"))
        )
        return Embedded(garments, (9, 9), digest, self._versions)
