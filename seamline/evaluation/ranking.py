"""Ways of comparing vectors of parts, each of them through `seamline.ranking`, as serving does it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadOption
from seamline.core.garments import Embeddings
from seamline.core.spec import COHORT_SIZE, Spec
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.protocol import Indices, QueryGallery
from seamline.ranking import RANKINGS, Ranking
from seamline.ranking.scorer import Scorer, Scores, check_weights

Floats = NDArray[np.float32]

LEARNT, EQUAL = "learnt", "equal"
HandWeights = Mapping[str, tuple[float, ...]]
"""Category, or "default" -> weights of COPY_PARTS, or of all parts of a system that has not all of these."""


@dataclasses.dataclass(frozen=True)
class RankingVariant:
    """One way of comparing garments.

    `ranking`: how parts become a score; `weights`: LEARNT (those of the spec), EQUAL, or a table; `best_of`: other
    than the spec's; `cohort`: whether similarities are normalised (z-norm) by a sample of the gallery.
    """

    name: str
    ranking: Ranking
    weights: str | HandWeights = LEARNT
    best_of: int | None = None
    cohort: bool = True

    @property
    def short(self) -> str:
        """The name before its colon."""
        return self.name.partition(":")[0]

    def scorer(self, query: Floats, category: str, spec: Spec, cohort: Floats) -> Scorer:
        """The scorer for one query garment (P, D)."""
        plain = (0.0,) * len(spec.parts), (1.0,) * len(spec.parts)
        mean, std = (spec.scoring.znorm_mean, spec.scoring.znorm_std) if self.cohort else plain
        best_of = self.best_of or spec.scoring.best_of
        scoring = dataclasses.replace(spec.scoring, best_of=best_of, znorm_mean=mean, znorm_std=std)
        chosen = dataclasses.replace(spec, scoring=scoring)
        sample, weights = cohort if self.cohort else None, self._weights(category, spec)
        weights = check_weights(weights, spec.parts)
        return Scorer.of_spec(chosen, query, self.ranking, weights, sample)

    def _weights(self, category: str, spec: Spec) -> Floats:
        if self.weights == LEARNT:
            return np.array(spec.scoring.weights_for(category), np.float32)
        if isinstance(self.weights, str):
            return np.full(len(spec.parts), 1 / len(spec.parts), np.float32)
        given = self.weights.get(category, self.weights["default"])
        places = places_of_copy_parts(spec) or range(len(given))
        weights = np.zeros(len(spec.parts), np.float32)
        weights[list(places)] = given
        return weights


def served(spec: Spec, names: Sequence[str] = ()) -> tuple[RankingVariant, ...]:
    """What a caller of `search` can choose of a system, the default first, and equal weights beside learnt ones;
    `names`: only these. Raises BadOption where it has none of them."""
    first, *others = spec.rankings
    rows = [RankingVariant(f"shipped ranking: {first}", RANKINGS[first])]
    rows += [RankingVariant(_LABELS.get(name, name), RANKINGS[name]) for name in others]
    if "weighted" in spec.rankings and len(spec.parts) > 1:
        rows.append(RankingVariant("weighted, equal weights", RANKINGS["weighted"], EQUAL))
    chosen = tuple(row for row in rows if not names or row.ranking.name in names)
    if not chosen:
        raise BadOption(f"{spec.system} has no ranking {', '.join(names)}; it has {', '.join(spec.rankings)}")
    return chosen


_LABELS = {"weighted": "weighted, learnt weights (PS-Net)"}


@dataclasses.dataclass(frozen=True)
class Gallery:
    """The vectors (n, P, D) of a problem's garments and the spec that says what their similarities mean."""

    vectors: Floats
    spec: Spec

    def cohort(self, seed: int) -> Floats:
        """The sample that similarities are normalised by."""
        chosen = np.random.default_rng(seed).permutation(len(self.vectors))[:COHORT_SIZE]
        return self.vectors[np.sort(chosen)]


@dataclasses.dataclass(frozen=True)
class Results:
    """Every query against every photo: score and copy probability (Q, P), -inf and 0 where nothing was compared, and
    the part similarity (Q, P, parts) of each photo's best garment in the order of the query's parts."""

    score: Floats
    probability: Floats
    similarity: Floats


@dataclasses.dataclass(frozen=True)
class Searched:
    """A search problem, the embeddings of its garments and what their spec says, and each ranking's results."""

    problem: QueryGallery
    embeddings: Embeddings
    spec: Spec
    results: Mapping[RankingVariant, Results]

    @property
    def first(self) -> tuple[RankingVariant, Results]:
        """The first ranking and its results."""
        return next(iter(self.results.items()))


def search_all(
    problems: Mapping[str, QueryGallery],
    embeddings: Mapping[str, Embeddings],
    spec: Spec,
    names: Sequence[str],
    seed: int,
) -> dict[str, Searched]:
    """The results of every ranking, or of those with these names, in every search problem."""
    rankings, found = served(spec, names), {}
    for name, problem in problems.items():
        garments = Embeddings.joined([embeddings[one] for one in problem.sets])
        gallery = Gallery(garments.vectors, spec)
        results = {ranking: search(problem, gallery, ranking, seed) for ranking in rankings}
        found[name] = Searched(problem, garments, spec, results)
    return found


def search(problem: QueryGallery, gallery: Gallery, ranking: RankingVariant, seed: int) -> Results:
    """Rank all photos for every query."""
    shape = problem.queries, problem.photos
    results = Results(
        np.full(shape, -np.inf, np.float32), np.zeros(shape, np.float32),
        np.full((*shape, len(gallery.spec.parts)), np.nan, np.float32),
    )  # fmt: skip
    cohort = gallery.cohort(seed)
    for query, row in enumerate(problem.query_garment):
        if row >= 0:
            scorer = ranking.scorer(gallery.vectors[row], problem.category[row], gallery.spec, cohort)
            _put(results, query, problem, scorer.score(gallery.vectors))
    results.score[problem.self_mask] = -np.inf
    results.probability[problem.self_mask] = 0.0
    return results


def _put(results: Results, query: int, problem: QueryGallery, scores: Scores) -> None:
    rows = best_garments(problem, scores.score)
    seen = rows >= 0
    results.score[query, seen] = scores.score[rows[seen]]
    results.probability[query, seen] = scores.copy_probability[rows[seen]]
    results.similarity[query, seen] = scores.part_similarity[rows[seen]]


def best_garments(problem: QueryGallery, scores: Floats) -> Indices:
    """Row (P,) of each photo's garment with the best score (n,), -1 for a photo without any."""
    rows = np.full(problem.photos, -1, np.int64)
    order = np.argsort(scores, kind="stable")
    rows[problem.photo[order]] = order  # the last one written is the best
    return rows
