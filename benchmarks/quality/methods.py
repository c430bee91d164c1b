"""Every way of comparing garments that the table holds, over the same garments and crops."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import imagenet
from benchmarks.quality.baselines import colour_scores, hash_scores
from benchmarks.quality.comparing import compare
from benchmarks.quality.hand_weights import HAND_WEIGHTS
from benchmarks.quality.keypoints import keypoint_scores
from benchmarks.quality.trained_map import map_vectors
from seamline.core.garments import Embeddings
from seamline.core.spec import Spec
from seamline.evaluation.benchmark import Benchmark
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.ranking import EQUAL, Gallery, RankingVariant, search, served
from seamline.ranking import RANKINGS
from seamline.ranking.best_of import BestOf
from seamline.serving.weights import Weights

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Compared:
    """A method's scores (Q, P), of all queries or of some."""

    name: str
    scores: Floats
    queries: list[int] | None = None


OURS = (
    RankingVariant("weighted, weights set by hand", RANKINGS["weighted"], HAND_WEIGHTS),
    *(
        RankingVariant(f"best {k} of 5{', z-norm by the cohort' if cohort else ''}", BestOf(), EQUAL, k, cohort)
        for cohort in (False, True)
        for k in (2, 3, 4)
    ),
)
"""Rankings of the trained region vectors, besides those that are served."""

UNTRAINED = (
    RankingVariant("equal weights", RANKINGS["weighted"], EQUAL, cohort=False),
    RankingVariant("best 3 of 5", BestOf(), EQUAL, 3, cohort=False),
    RankingVariant("best 3 of 5, z-norm by the cohort", BestOf(), EQUAL, 3),
)
WHITENED_GRID = "ImageNet, whitened 3 x 3 grid of the crop"
"""The baseline that needs no training at all and is the hardest to beat."""

STRIPES = RankingVariant("five horizontal stripes of the trained map (PCB)", RANKINGS["weighted"], EQUAL, cohort=False)


def without_networks(benchmark: Benchmark) -> Iterator[Compared]:
    """Baselines on pixels."""
    cache, seed = benchmark.options.cache, benchmark.options.seed
    yield Compared("perceptual hash", hash_scores(benchmark.problem, benchmark.parts, cache))
    yield Compared("colour histogram", colour_scores(benchmark.problem, benchmark.parts, cache))
    scores, queries = keypoint_scores(benchmark.problem, benchmark.parts, cache, seed)
    yield Compared(f"ORB + RANSAC ({len(queries)} of the queries)", scores, queries)


def untrained(benchmark: Benchmark) -> Iterator[Compared]:
    """EfficientNet-Lite0 as ImageNet left it, over the garments' crops."""
    options, problem = benchmark.options, benchmark.problem
    whole = imagenet.crop_vectors(benchmark.parts, options.cache, options.processes)
    yield Compared("ImageNet, one vector of the garment crop", compare(problem, lambda row: whole @ whole[row]))
    cells = imagenet.grid_vectors(benchmark.parts, benchmark.of_gallery, options.cache, options.processes)
    yield Compared(WHITENED_GRID, compare(problem, lambda row: cells @ cells[row]))


def untrained_photos(benchmark: Benchmark) -> Iterator[Compared]:
    """The same over whole photos."""
    problem, options = benchmark.problem, benchmark.options
    photos = imagenet.photo_vectors(benchmark.parts, options.cache, options.processes)
    rows = photos[problem.photo]
    yield Compared("ImageNet, one vector of the whole photo", compare(problem, lambda row: rows @ rows[row]))


def untrained_regions(benchmark: Benchmark, weights: Weights) -> Iterator[Compared]:
    """The same in the regions that the trained landmarks give."""
    options, embedded = benchmark.options, benchmark.embed_parts(weights)
    regions = imagenet.region_vectors(benchmark.parts, embedded, weights.spec, options.cache, options.processes)
    for ranking in UNTRAINED:
        name = f"ImageNet, five regions, {ranking.name}"
        yield Compared(name, search(benchmark.problem, Gallery(regions, weights.spec), ranking, options.seed).score)


def trained_map(benchmark: Benchmark, weights: Weights, embeddings: Embeddings) -> Iterator[Compared]:
    """The trained map as one vector and in stripes, and its regions in all rankings but the shipped one."""
    problem, options = benchmark.problem, benchmark.options
    of_map = map_vectors(benchmark.parts, weights, options.cache, options.processes)
    yield Compared("one vector of the trained map", compare(problem, lambda row: of_map.whole @ of_map.whole[row]))
    striped = Gallery(_as_parts(of_map.stripes, weights.spec), weights.spec)
    yield Compared(STRIPES.name, search(problem, striped, STRIPES, options.seed).score)
    yield from other_rankings(benchmark, weights, embeddings)
    for ranking in OURS:
        yield Compared(ranking.name, benchmark.search(embeddings, weights, ranking).score)


def other_rankings(benchmark: Benchmark, weights: Weights, embeddings: Embeddings) -> Iterator[Compared]:
    """The trained parts in all rankings that are served but the first."""
    for ranking in served(weights.spec)[1:]:
        yield Compared(ranking.name, benchmark.search(embeddings, weights, ranking).score)


def _as_parts(stripes: Floats, spec: Spec) -> Floats:
    """Stripes (n, 5, C) in the places of five parts (n, P, C), the others absent."""
    parts = np.zeros((len(stripes), len(spec.parts), stripes.shape[-1]), np.float32)
    parts[:, list(places_of_copy_parts(spec))] = stripes
    return parts
