"""A search problem ready to be tried with any vectors and any ranking."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from seamline.core.garments import Embeddings
from seamline.evaluation.choosing import choose
from seamline.evaluation.detections import DetectedPhotos, detect
from seamline.evaluation.embeddings import embed
from seamline.evaluation.photos import RETRIEVAL, Options
from seamline.evaluation.protocol import QueryGallery, query_galleries
from seamline.evaluation.ranking import Gallery, RankingVariant, Results, search
from seamline.serving.weights import Weights


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """A search problem, of copies of a level or of real pairs, and the garments of its photos by their sets."""

    level: str
    options: Options
    problem: QueryGallery
    parts: tuple[DetectedPhotos, ...]

    @property
    def of_gallery(self) -> int:
        """How many of the parts are photos that are searched, and no copies."""
        return len(self.parts) - bool(self.problem.copies)

    def embed(self, weights: Weights) -> Embeddings:
        """Vectors of all garments, in the order of the problem's."""
        return Embeddings.joined(self.embed_parts(weights))

    def embed_parts(self, weights: Weights) -> list[Embeddings]:
        """The same, set by set."""
        sets = dict(zip(self.problem.sets, self.parts, strict=True))
        return list(embed(sets, weights, self.options.cache, self.options.processes).values())

    def search(self, embeddings: Embeddings, weights: Weights, ranking: RankingVariant) -> Results:
        """Every query against every photo."""
        return search(self.problem, Gallery(embeddings.vectors, weights.spec), ranking, self.options.seed)


def prepare(options: Options, weights: Weights, level: str) -> Benchmark:
    """Make the copies of a level of flat-lay photos, find the garments of all photos, and tell copies from distractors.

    Raises BadOption where the folder of photos has no `flatlay/validation` with usable garments.
    """
    return prepare_all(options, weights, level, (RETRIEVAL,))[level]


def prepare_all(options: Options, weights: Weights, level: str, only: Sequence[str]) -> dict[str, Benchmark]:
    """Every search problem of the sections `only` by its name, the garments of all photos found.

    Raises BadOption where copies of flat-lay photos are wanted and there is nothing to make them of.
    """
    photos = choose(options, level, only)
    detected = detect(photos.sets, weights, options.cache, options.processes)
    return {
        name: Benchmark(name, options, problem, tuple(detected[one] for one in problem.sets))
        for name, problem in query_galleries(photos, detected).items()
    }
