"""What a difference between two forms of the networks does to search results on the quality benchmark."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import relevance_in_order, retrieval_average_precision
from seamline.core.spec import Spec
from seamline.evaluation.benchmark import Benchmark
from seamline.evaluation.cache import key_of, stored, tracked
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.ranking import Gallery, search, served
from seamline.exporting.chain import Chain
from seamline.exporting.parity import Spread, Tolerance, cosines, spread

Floats = NDArray[np.float32]

SHOWN = 10
"""Hits whose change counts."""

ALLOWED = 0.01
"""Share of the queries whose first hits may be others in half precision."""

_BATCH = 8


@dataclasses.dataclass(frozen=True)
class RankChanges:
    """Of Q queries against P photos: in how many the first SHOWN hits are others, in how many they are others or in
    another order, and by how many ranks one of the reference's hits moves at most; mean average precision of both; the
    cosine of the two region vectors of every garment, and how many regions only one of the two sees."""

    reference: str
    candidate: str
    level: str
    queries: int
    photos: int
    others: int
    reordered: int
    largest_move: int
    reference_map: float
    candidate_map: float
    cosine: Spread | None
    alone: int

    @property
    def share(self) -> float:
        """Share of the queries whose first hits are others."""
        return self.others / max(1, self.queries)

    def refusals(self, tolerance: Tolerance) -> list[str]:
        """A sentence where too many queries find others, and one where a region vector is too far off."""
        found = []
        if self.share > ALLOWED:
            found.append(f"{self.others} of {self.queries} queries find others among the first {SHOWN}, 1 % is allowed")
        if self.cosine is not None and not self.cosine.worst >= tolerance.cosine:
            found.append(
                f"a region vector of the benchmark has the cosine {self.cosine.worst:.6f}, "
                f"{tolerance.cosine:g} is needed"
            )
        return found

    def text(self) -> str:
        """A line to read."""
        return (
            f"{self.candidate} against {self.reference}, {self.queries} queries among {self.photos} photos "
            f"({self.level}): first {SHOWN} hits are others for {self.others}, in another order for "
            f"{self.reordered - self.others} more, largest move {self.largest_move} ranks, "
            f"mAP {self.reference_map:.4f} -> {self.candidate_map:.4f}; {self._vectors()}"
        )

    def _vectors(self) -> str:
        if self.cosine is None:
            return "no region vectors"
        return (
            f"cosine of {self.cosine.count} region vectors {self.cosine.worst:.6f} at least, "
            f"{self.cosine.mean:.7f} on average, {self.alone} regions seen by one of the two only"
        )


def rank_changes(
    benchmark: Benchmark, spec: Spec, reference: tuple[str, Floats], candidate: tuple[str, Floats]
) -> RankChanges:
    """Search with two sets of region vectors (n, 5, D), named, in the order of the problem's garments."""
    scores = [
        search(benchmark.problem, Gallery(vectors, spec), served(spec)[0], benchmark.options.seed).score
        for _, vectors in (reference, candidate)
    ]
    wanted, found = (_places(one) for one in scores)
    first = np.argsort(wanted, axis=1)[:, :SHOWN]
    there = np.take_along_axis(found, first, axis=1)
    asked = benchmark.problem.query_garment >= 0
    moves = np.abs(there - np.arange(first.shape[1]))[asked]
    values, alone = cosines(reference[1], candidate[1])
    return RankChanges(
        reference[0], candidate[0], benchmark.level, int(asked.sum()), benchmark.problem.photos,
        others=int((there[asked] >= SHOWN).any(1).sum()), reordered=int((moves > 0).any(1).sum()),
        largest_move=int(moves.max(initial=0)), reference_map=_mean_precision(benchmark, scores[0]),
        candidate_map=_mean_precision(benchmark, scores[1]), cosine=spread([values], np.min), alone=alone,
    )  # fmt: skip


def chain_vectors(benchmark: Benchmark, chain: Chain, key: str) -> Floats:
    """Region vectors (n, 5, D) of all garments of a search problem; made before under the same key, they are read from
    the benchmark's cache."""
    return np.concatenate([_described(seen, chain, key, benchmark.options.cache) for seen in benchmark.parts])


def precisions(benchmark: Benchmark, scores: Floats) -> NDArray[np.float64]:
    """Average precision (Q,) of each query's results; NaN for one without copies."""
    ordered = relevance_in_order(scores, benchmark.problem.relevant)
    return np.asarray(retrieval_average_precision(ordered), np.float64)


def key_of_files(files: Sequence[Path], numbers: str) -> str:
    """Names networks by their files' content and the numbers that go with them."""
    return key_of(*(hashlib.sha256(file.read_bytes()).hexdigest() for file in files), numbers)


def _described(seen: DetectedPhotos, chain: Chain, key: str, cache: Path) -> Floats:
    def make() -> dict[str, Floats]:
        starts = range(0, len(seen), _BATCH)
        parts = tracked("region vectors", (_batch(seen, chain, start) for start in starts), len(starts))
        return {"regions": np.concatenate(list(parts))}

    return np.asarray(stored(cache, f"parity-{key_of(seen.key, key)}", make)["regions"], np.float32)


def _batch(seen: DetectedPhotos, chain: Chain, start: int) -> Floats:
    rows = slice(start, start + _BATCH)
    crops = np.array(seen.garments.crops[rows])
    return np.asarray(
        chain.describe(crops, seen.garments.squares[rows], seen.garments.categories[rows])["EMBEDDING"], np.float32
    )


def _places(scores: Floats) -> NDArray[np.int64]:
    """Each photo's place (Q, P) in its query's results, equal scores in the photos' order."""
    order = np.argsort(-scores, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(order.shape[1])[None].repeat(len(order), 0), axis=1)
    return places


def _mean_precision(benchmark: Benchmark, scores: Floats) -> float:
    return float(np.nanmean(precisions(benchmark, scores)))
