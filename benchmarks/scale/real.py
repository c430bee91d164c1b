"""Real garments' vectors: those of the served networks over a folder of photos, and the searches made for them.

The queries are held-out: photos that trained no network, and copies of such photos. Of every other original the photo
is searched for and its copies lie in the catalogue; of the others a copy is searched for and the original lies in it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadOption
from seamline.core.spec import CATEGORIES
from seamline.evaluation.benchmark import Benchmark, prepare
from seamline.evaluation.cache import Arrays, stored
from seamline.evaluation.photos import Options
from seamline.serving.weights import Weights

Floats = NDArray[np.float32]
Codes = NDArray[np.int8]

_LEAST = 100


@dataclasses.dataclass(frozen=True)
class Real:
    """Garments with vectors (n, P, D) and categories (n,), as indices of `CATEGORIES`.

    `sources`: what others are made from; `planted`: what the queries ought to find; `queries`.
    """

    sources: Floats
    source_category: Codes
    planted: Floats
    planted_category: Codes
    queries: Floats
    query_category: Codes


def real_vectors(photos: Path, cache: Path, repository: Path, processes: int) -> Real:
    """The garments of a folder as `benchmarks.quality` has it; computed before, they are read from `cache`.

    Raises BadOption for a folder with too few photos.
    """
    weights = Weights.of_repository(repository)
    arrays = stored(
        cache, f"real-{weights.spec.fingerprint}", lambda: _computed(photos, cache, weights, processes)
    )  # fmt: skip
    real = Real(**{field.name: arrays[field.name] for field in dataclasses.fields(Real)})  # type: ignore[arg-type]
    if len(real.sources) < _LEAST or not len(real.queries):
        raise BadOption(f"{photos} has too few photos of garments to make a catalogue from")
    return real


def _computed(photos: Path, cache: Path, weights: Weights, processes: int) -> Arrays:
    benchmark = prepare(Options(photos, cache, processes=processes), weights, "medium")
    return dataclasses.asdict(split(benchmark, benchmark.embed(weights).vectors))


def split(benchmark: Benchmark, vectors: Floats) -> Real:
    """Tell sources, planted garments and queries apart."""
    problem = benchmark.problem
    category = np.array([CATEGORIES.index(name) for name in problem.category], np.int8)
    best = _strongest(problem.photo, problem.photos)
    queries: list[int] = []
    planted: list[int] = []
    for number, photo in enumerate(problem.query_photo):
        copies = np.flatnonzero(problem.relevant[number])
        originals, found = (best[[photo]], best[copies]) if number % 2 else (best[copies[:1]], best[[photo]])
        queries.extend(originals)
        planted.extend(found)
    held_out = np.isin(problem.photo, problem.query_photo) | (problem.photo >= problem.first_copy)
    sources = np.flatnonzero(~held_out)
    parts = [rows[_described(vectors, rows)] for rows in (sources, np.array(planted), np.array(queries))]
    return Real(*(array for rows in parts for array in (vectors[rows], category[rows])))


def _strongest(photo: NDArray[np.int64], photos: int) -> NDArray[np.int64]:
    """Row of each photo's first garment, which detection is surest of; -1 where it has none."""
    rows = np.full(photos, -1, np.int64)
    rows[photo[::-1]] = np.arange(len(photo))[::-1]
    return rows


def _described(vectors: Floats, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these garments have any part at all."""
    return (rows >= 0) & vectors[rows].any((-1, -2))
