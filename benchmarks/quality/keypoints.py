"""ORB + RANSAC: the classic way of finding the same object in another photo.

Rublee et al., ICCV 2011. Matching against every photo is slow, so a first stage lets each descriptor of the query vote
for the photos that hold its nearest descriptors; of the photos with most votes, those count whose matches fit one
affine map. A query is tried straight and mirrored.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.comparing import compare
from seamline.evaluation.cache import Arrays, key_of, stored, tracked
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.protocol import QueryGallery

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

DESCRIPTORS = 128
QUERIES = 60
"""At most so many queries, drawn at random."""

_NEAREST, _SHORTLIST = 10, 60
_RATIO, _REPROJECTION = 0.8, 8.0
_MATCHED = 200_000
"""Descriptors in one part of the matcher, which takes at most 2^18."""


@dataclasses.dataclass(frozen=True)
class Keypoints:
    """Of n crops: places (n, DESCRIPTORS, 2), descriptors (n, DESCRIPTORS, 32) uint8, and how many there are (n,)."""

    places: Floats
    descriptors: Pixels
    count: NDArray[np.int64]

    def of(self, row: int) -> tuple[Floats, Pixels]:
        """Places and descriptors of one crop."""
        most = self.count[row]
        return self.places[row, :most], self.descriptors[row, :most]


def detect(crop: Pixels) -> tuple[Floats, Pixels]:
    """Places (m, 2) and descriptors (m, 32) of the strongest corners of an RGB crop."""
    orb = cv2.ORB_create(nfeatures=DESCRIPTORS, fastThreshold=8, edgeThreshold=12, patchSize=25)  # type: ignore[attr-defined]
    points, descriptors = orb.detectAndCompute(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    places = np.array([point.pt for point in points], np.float32)
    return places[:DESCRIPTORS], np.asarray(descriptors[:DESCRIPTORS], np.uint8)


def inliers(query: tuple[Floats, Pixels], other: tuple[Floats, Pixels]) -> int:
    """Matches between two crops that fit one affine map without shear."""
    if min(len(query[0]), len(other[0])) < 3:
        return 0
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(query[1], other[1], k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    if len(good) < 3:
        return 0
    source = query[0][[match.queryIdx for match in good]]
    target = other[0][[match.trainIdx for match in good]]
    cv2.setRNGSeed(0)
    _, fitting = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION)
    return 0 if fitting is None else int(fitting.sum())


class Searcher:
    """Searches n crops; a crop scores its inliers, those that were not verified a share of one by their votes."""

    def __init__(self, keypoints: Keypoints) -> None:
        self._keypoints = keypoints
        self._owner = np.repeat(np.arange(len(keypoints.count)), keypoints.count)
        every = [keypoints.of(row)[1] for row in range(len(keypoints.count))]
        self._all = np.concatenate(every) if every else np.zeros((0, 32), np.uint8)
        self._matcher = cv2.BFMatcher(cv2.NORM_HAMMING)
        self._matcher.add([self._all[start : start + _MATCHED] for start in range(0, len(self._all), _MATCHED)])

    def scores(self, query: tuple[Floats, Pixels]) -> Floats:
        """Scores (n,) of all crops for the keypoints of one."""
        votes = self._votes(query[1])
        scores = (votes / (1.0 + votes.max(initial=0))).astype(np.float32)
        for row in np.argsort(-votes, kind="stable")[:_SHORTLIST]:
            scores[row] += inliers(query, self._keypoints.of(int(row)))
        return scores

    def _votes(self, descriptors: Pixels) -> NDArray[np.int64]:
        count = len(self._keypoints.count)
        if not len(descriptors) or not len(self._all):
            return np.zeros(count, np.int64)
        found = self._matcher.knnMatch(descriptors, k=_NEAREST)
        places = [match.imgIdx * _MATCHED + match.trainIdx for row in found for match in row]
        return np.bincount(self._owner[places], minlength=count)


def keypoint_scores(
    problem: QueryGallery, parts: Sequence[DetectedPhotos], cache: Path, seed: int
) -> tuple[Floats, list[int]]:
    """Scores (Q, P) of the drawn queries, and which were drawn."""
    chosen = np.random.default_rng(seed).permutation(problem.queries)[:QUERIES]
    queries = sorted(int(query) for query in chosen)
    key = key_of(*(seen.key for seen in parts), *queries, DESCRIPTORS, _NEAREST, _SHORTLIST, _RATIO, _REPROJECTION)
    arrays = stored(cache, f"orb-ransac-{key}", lambda: {"scores": _search(problem, parts, cache, queries)})
    return np.asarray(arrays["scores"], np.float32), queries


def _search(problem: QueryGallery, parts: Sequence[DetectedPhotos], cache: Path, queries: list[int]) -> Floats:
    keypoints = _keypoints(parts, cache)
    searcher, crops = Searcher(keypoints), {query: _crop(parts, int(problem.query_garment[query])) for query in queries}
    rows = {int(problem.query_garment[query]): crop for query, crop in crops.items() if crop is not None}

    def compared(row: int) -> Floats:
        flipped = detect(np.ascontiguousarray(rows[row][:, ::-1]))
        return np.maximum(searcher.scores(keypoints.of(row)), searcher.scores(flipped))

    return compare(problem, compared, tracked("ORB + RANSAC", queries, len(queries)))


def _crop(parts: Sequence[DetectedPhotos], row: int) -> Pixels | None:
    if row < 0:
        return None
    first = len(parts[0])
    return parts[0].garments.crops[row] if row < first else parts[1].garments.crops[row - first]


def _keypoints(parts: Sequence[DetectedPhotos], cache: Path) -> Keypoints:
    found = [_keypoints_of(seen, cache) for seen in parts]
    return Keypoints(*(np.concatenate([one[name] for one in found]) for name in ("places", "descriptors", "count")))


def _keypoints_of(seen: DetectedPhotos, cache: Path) -> Arrays:
    return stored(cache, f"orb-{key_of(seen.key, DESCRIPTORS, 'v1')}", lambda: _detect(seen))


def _detect(seen: DetectedPhotos) -> dict[str, NDArray[np.generic]]:
    crops, count = seen.garments.crops, np.zeros(len(seen), np.int64)
    places = np.zeros((len(seen), DESCRIPTORS, 2), np.float32)
    descriptors = np.zeros((len(seen), DESCRIPTORS, 32), np.uint8)
    for row in range(len(seen)):
        where, what = detect(crops[row])
        count[row] = len(where)
        places[row, : len(where)], descriptors[row, : len(where)] = where, what
    return {"places": places, "descriptors": descriptors, "count": count}
