"""The search for copies of one level, ready to be tried with any vectors and any ranking."""

from __future__ import annotations

import dataclasses

from seamline.core.garments import Embeddings
from seamline.evaluation.detections import DetectedPhotos, detect
from seamline.evaluation.embeddings import embed
from seamline.evaluation.photos import RETRIEVAL, Options, choose
from seamline.evaluation.protocol import COPIES, QueryGallery, query_galleries
from seamline.evaluation.ranking import Gallery, RankingVariant, Results, search
from seamline.serving.weights import Weights


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """The search problem of one level, and the garments of the catalogue's photos and of the copies."""

    level: str
    options: Options
    problem: QueryGallery
    parts: tuple[DetectedPhotos, ...]

    def embed(self, weights: Weights) -> Embeddings:
        """Vectors of all garments, in the order of the problem's."""
        return Embeddings.joined(self.embed_parts(weights))

    def embed_parts(self, weights: Weights) -> list[Embeddings]:
        """The same of the catalogue and of the copies."""
        sets = dict(zip(self.problem.sets, self.parts, strict=True))
        return list(embed(sets, weights, self.options.cache, self.options.processes).values())

    def search(self, embeddings: Embeddings, weights: Weights, ranking: RankingVariant) -> Results:
        """Every query against every photo."""
        return search(self.problem, Gallery(embeddings.vectors, weights.spec), ranking, self.options.seed)


def prepare(options: Options, weights: Weights, level: str) -> Benchmark:
    """Make the copies of a level, find the garments of all photos, and tell copies from distractors.

    Raises BadOption where the folder of photos has no `flatlay/validation` with usable garments.
    """
    photos = choose(options, level, (RETRIEVAL,))
    detected = detect(photos.sets, weights, options.cache, options.processes)
    problem = query_galleries(photos, detected)[COPIES]
    return Benchmark(level, options, problem, tuple(detected[name] for name in problem.sets))
