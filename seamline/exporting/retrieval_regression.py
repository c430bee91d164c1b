"""What a difference between two forms of the networks does to search results on the quality benchmark."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import SeamlineError
from seamline.core.metrics import relevance_in_order, retrieval_average_precision
from seamline.core.spec import Spec
from seamline.evaluation.benchmark import Benchmark, prepare
from seamline.evaluation.cache import key_of, stored, tracked
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.photos import Options
from seamline.evaluation.ranking import Gallery, search, served
from seamline.exporting.errors import ExportRefused
from seamline.exporting.parity import Spread, Tolerance, cosines, spread
from seamline.exporting.regression_options import LEVEL, RegressionOptions
from seamline.serving.local_pipeline import CropEmbedder
from seamline.serving.weights import Weights
from seamline.systems import system_named

Floats = NDArray[np.float32]

SHOWN = 10
"""Hits whose change counts."""

ALLOWED = 0.01
"""Share of the queries whose first hits may be others in half precision."""

_BATCH = 8


@dataclasses.dataclass(frozen=True)
class RetrievalRegression:
    """Of Q queries against P photos: in how many the first SHOWN hits are others, in how many they are others or in
    another order, and by how many ranks one of the reference's hits moves at most; mean average precision of both; the
    cosine of the two part vectors of every garment, and how many parts only one of the two sees."""

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
        """A sentence where too many queries find others, and one where a part vector is too far off."""
        found = []
        if self.share > ALLOWED:
            found.append(f"{self.others} of {self.queries} queries find others among the first {SHOWN}, 1 % is allowed")
        if self.cosine is not None and not self.cosine.worst >= tolerance.cosine:
            found.append(
                f"a part vector of the benchmark has the cosine {self.cosine.worst:.6f}, {tolerance.cosine:g} is needed"
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
            return "no part vectors"
        return (
            f"cosine of {self.cosine.count} part vectors {self.cosine.worst:.6f} at least, "
            f"{self.cosine.mean:.7f} on average, {self.alone} parts seen by one of the two only"
        )


def retrieval_regression(
    benchmark: Benchmark, spec: Spec, reference: tuple[str, Floats], candidate: tuple[str, Floats]
) -> RetrievalRegression:
    """Search with two sets of part vectors (n, P, D), named, in the order of the problem's garments."""
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
    return RetrievalRegression(
        reference[0], candidate[0], benchmark.level, int(asked.sum()), benchmark.problem.photos,
        others=int((there[asked] >= SHOWN).any(1).sum()), reordered=int((moves > 0).any(1).sum()),
        largest_move=int(moves.max(initial=0)), reference_map=_mean_precision(benchmark, scores[0]),
        candidate_map=_mean_precision(benchmark, scores[1]), cosine=spread([values], np.min), alone=alone,
    )  # fmt: skip


def precisions(benchmark: Benchmark, scores: Floats) -> NDArray[np.float64]:
    """Average precision (Q,) of each query's results; NaN for one without copies."""
    ordered = relevance_in_order(scores, benchmark.problem.relevant)
    return np.asarray(retrieval_average_precision(ordered), np.float64)


def measured(
    options: RegressionOptions, checkpoint: Path, stage: Path, embedder: CropEmbedder, spec: Spec, half: bool
) -> RetrievalRegression:
    """Search with PyTorch's vectors, which `embedder` makes, (or the float32 graph's) and with those of the graphs in
    `stage`.

    Raises ExportRefused where the folder of photos is not the benchmark's.
    """
    try:
        weights = _weights(options, spec)
        benchmark = prepare(_options(options), weights, LEVEL)
        candidate = benchmark.embed(_with(weights, stage, ".onnx")).vectors
        if options.against_pytorch:
            reference = "PyTorch", _pytorch_vectors(benchmark, embedder, _key(checkpoint, spec))
        else:
            reference = "ONNX fp32", benchmark.embed(_with(weights, stage, ".fp32", ".")).vectors
    except SeamlineError as error:
        raise ExportRefused(f"search results cannot be compared: {error}") from error
    return retrieval_regression(benchmark, spec, reference, ("ONNX fp16" if half else "ONNX fp32", candidate))


def _key(checkpoint: Path, spec: Spec) -> str:
    """Names networks by their files' content and the numbers that go with them."""
    files = sorted(file for file in checkpoint.glob("*.pt") if file.name != "detector.pt")
    return key_of(*(hashlib.sha256(file.read_bytes()).hexdigest() for file in files), spec.vector_numbers())


def _weights(options: RegressionOptions, spec: Spec) -> Weights:
    """The repository's detector with its numbers, so that every export is compared on the same garments."""
    served = Weights.of_repository(options.repository)
    names = {step.network for step in system_named(spec.system).steps if step.network}
    return Weights(served.detector, dict.fromkeys(names, served.detector), served.with_own_detector(spec))


def _with(weights: Weights, stage: Path, suffix: str, prefix: str = "") -> Weights:
    return dataclasses.replace(weights, networks={name: stage / f"{prefix}{name}{suffix}" for name in weights.networks})


def _options(options: RegressionOptions) -> Options:
    return Options(options.photos, options.cache, processes=1, queries=options.queries, gallery=options.gallery)


def _pytorch_vectors(benchmark: Benchmark, embedder: CropEmbedder, key: str) -> Floats:
    """Vectors (n, P, D) of all garments of a search problem; made before under the same key, they are read from the
    benchmark's cache."""
    return np.concatenate([_embedded(seen, embedder, key, benchmark.options.cache) for seen in benchmark.parts])


def _embedded(seen: DetectedPhotos, embedder: CropEmbedder, key: str, cache: Path) -> Floats:
    def make() -> dict[str, Floats]:
        starts = range(0, len(seen), _BATCH)
        made = tracked("part vectors", (_batch(seen, embedder, start) for start in starts), len(starts))
        return {"vectors": np.concatenate(list(made))}

    return np.asarray(stored(cache, f"parity-{key_of(seen.key, key)}", make)["vectors"], np.float32)


def _batch(seen: DetectedPhotos, embedder: CropEmbedder, start: int) -> Floats:
    rows = slice(start, start + _BATCH)
    crops = np.array(seen.garments.crops[rows])
    return embedder.embed(crops, seen.garments.squares[rows], seen.garments.categories[rows]).vectors


def _places(scores: Floats) -> NDArray[np.int64]:
    """Each photo's place (Q, P) in its query's results, equal scores in the photos' order."""
    order = np.argsort(-scores, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(order.shape[1])[None].repeat(len(order), 0), axis=1)
    return places


def _mean_precision(benchmark: Benchmark, scores: Floats) -> float:
    return float(np.nanmean(precisions(benchmark, scores)))
