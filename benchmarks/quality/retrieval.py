"""How often the original of a suspect photo is found, by our rankings and by baselines; how good the evidence is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.baselines import colour_histogram, perceptual_hash, unit
from benchmarks.quality.figures import Figure
from benchmarks.quality.gallery import Vectors
from benchmarks.quality.queries import Query
from benchmarks.quality.serving import Garments, ServedPath
from seamline.metrics import expected_calibration_error, hit_at_k, rank_of, roc_auc
from seamline.score import RANKINGS, Background, Scorer, Scores, check_weights
from seamline.spec import Spec

Floats = NDArray[np.float32]

_COHORT = 256
_SHOWN = 10


@dataclasses.dataclass(frozen=True)
class Suspect:
    """A query and the strongest garment that was found in it, None where there was none."""

    query: Query
    garment: Garments | None


def look_at(path: ServedPath, queries: Sequence[Query]) -> list[Suspect]:
    """Send the queries through the served path."""
    found = (path.embed(query.data) for query in queries)
    return [Suspect(query, garments if len(garments) else None) for query, garments in zip(queries, found, strict=True)]


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """The gallery and its photos' names; `cohort` is the sample that similarities are standardised against."""

    vectors: Vectors
    names: tuple[str, ...]
    cohort: Floats
    spec: Spec

    @classmethod
    def of(cls, vectors: Vectors, names: Sequence[str], spec: Spec, seed: int) -> Catalogue:
        """Draws the cohort."""
        chosen = np.random.default_rng(seed).permutation(len(vectors))[:_COHORT]
        return cls(vectors, tuple(names), vectors.regions[np.sort(chosen)], spec)

    def scores(self, garments: Garments, ranking: str) -> Scores:
        """Our scores of every garment of the gallery for a photo's strongest garment."""
        scoring = self.spec.scoring
        query = garments.embedding[0]
        weights = check_weights(np.array(scoring.weights_for(garments.categories[0]), np.float32))
        background = Background.of_cohort(query, self.cohort, Background.of_spec(scoring))
        return Scorer(query, scoring, background, ranking, weights).score(self.vectors.regions)

    def by_photo(self, scores: Floats) -> Floats:
        """A photo's score is that of its best garment; -inf for a photo without any."""
        best = np.full(len(self.names), -np.inf, np.float32)
        np.maximum.at(best, self.vectors.photo, scores)
        return best

    def right(self, query: Query) -> NDArray[np.bool_]:
        """Which photos are the query's original."""
        return np.array([name == query.original for name in self.names])


Method = Callable[[Catalogue, Garments], Floats]
"""Scores of the gallery's garments for the strongest garment of a photo."""


def methods() -> dict[str, Method]:
    """Our rankings and the baselines, by name.

    The hash is tried straight and mirrored, as our rankings do; the other two baselines hardly depend on it.
    """
    ours: dict[str, Method] = {ranking: _ranking(ranking) for ranking in RANKINGS}
    return ours | {
        "baseline: one vector of the crop": lambda catalogue, seen: catalogue.vectors.whole @ unit(seen.pooled[0]),
        "baseline: perceptual hash": lambda catalogue, seen: _hash_similarity(catalogue.vectors.hash, seen),
        "baseline: colour histogram": lambda catalogue, seen: _colour_similarity(catalogue.vectors.colour, seen),
    }


def _ranking(name: str) -> Method:
    return lambda catalogue, garments: catalogue.scores(garments, name).score


def _hash_similarity(gallery: Floats, garments: Garments) -> Floats:
    crop = garments.crops[0]
    mirrored = np.ascontiguousarray(crop[:, ::-1])
    return np.maximum(gallery @ perceptual_hash(crop), gallery @ perceptual_hash(mirrored))


def _colour_similarity(gallery: Floats, garments: Garments) -> Floats:
    return gallery @ colour_histogram(garments.crops[0])


def retrieval(section: str, catalogue: Catalogue, suspects: Sequence[Suspect]) -> list[Figure]:
    """hit@1, mAP and recall@20 of every method. Each suspect has one original, so mAP is the mean of 1 / rank."""
    figures = []
    mirrored = np.array([suspect.query.mirrored for suspect in suspects], bool)
    for name, method in methods().items():
        ranks = np.array([_rank(catalogue, suspect, method) for suspect in suspects])
        figures.append(Figure.mean_of(section, f"{name}: hit@1", hit_at_k(ranks, 1)))
        if not name.startswith("baseline"):
            figures.append(Figure.mean_of(section, f"{name}: hit@1, straight", hit_at_k(ranks[~mirrored], 1)))
            figures.append(Figure.mean_of(section, f"{name}: hit@1, mirrored", hit_at_k(ranks[mirrored], 1)))
        figures.append(Figure.mean_of(section, f"{name}: mAP", 1.0 / ranks))
        figures.append(Figure.mean_of(section, f"{name}: recall@20", hit_at_k(ranks, 20)))
    missed = [suspect.garment is None for suspect in suspects]
    return [*figures, Figure.mean_of(section, "no garment found in the suspect photo", missed)]


def _rank(catalogue: Catalogue, suspect: Suspect, method: Method) -> float:
    if suspect.garment is None:
        return float("inf")
    return rank_of(catalogue.by_photo(method(catalogue, suspect.garment)), catalogue.right(suspect.query))


def evidence(catalogue: Catalogue, suspects: Sequence[Suspect]) -> list[Figure]:
    """Whether redesigned regions are told from kept ones between a suspect and its original, wherever that ranks."""
    similarity, standard, changed, called = [], [], [], []
    spread = np.array(catalogue.spec.scoring.background_std)
    limits = np.array(catalogue.spec.scoring.region_kept_above)
    for suspect in suspects:
        pair = _pair(catalogue, suspect)
        if pair is None:
            continue
        for regions, flag in ((suspect.query.changed, True), (suspect.query.kept, False)):
            for index in regions:
                if np.isfinite(pair[index]):
                    similarity.append(float(pair[index]))
                    standard.append(float((pair[index] - limits[index]) / spread[index]))
                    changed.append(flag)
                    called.append(pair[index] < limits[index])
    flags, calls = np.array(changed, bool), np.array(called, bool)
    section = "evidence"
    return [
        Figure(
            section,
            "redesigned or kept: ROC AUC of the regions' similarity",
            roc_auc(-np.array(similarity), flags),
            len(flags),
        ),
        Figure(
            section, "the same, each region against its own threshold", roc_auc(-np.array(standard), flags), len(flags)
        ),
        Figure.mean_of(section, "redesigned regions called changed", calls[flags]),
        Figure.mean_of(section, "kept regions called changed", calls[~flags]),
    ]


def calibration(catalogue: Catalogue, suspects: Sequence[Suspect], seed: int) -> list[Figure]:
    """Calibration error of the copy probability, on pairs half of which are copies, and on the first ten hits."""
    random = np.random.default_rng(seed)
    even: list[tuple[float, bool]] = []
    shown: list[tuple[float, bool]] = []
    for suspect in suspects:
        if suspect.garment is None:
            continue
        right = catalogue.right(suspect.query)
        probability = catalogue.by_photo(catalogue.scores(suspect.garment, "partial").copy_probability)
        present = np.isfinite(probability)
        if (right & present).any():
            even.append((float(probability[right].max()), True))
            even.append((float(probability[random.choice(np.flatnonzero(present & ~right))]), False))
        shown += [
            (float(probability[place]), bool(right[place]))
            for place in np.argsort(-probability)[:_SHOWN]
            if present[place]
        ]
    section = "copy probability"
    figures = []
    for name, pairs in (("one copy, one unrelated", even), (f"first {_SHOWN} hits", shown)):
        stated, happened = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs], bool)
        figures.append(
            Figure(section, f"{name}: calibration error", expected_calibration_error(stated, happened), len(pairs))
        )
        figures.append(Figure(section, f"{name}: ROC AUC", roc_auc(stated, happened), len(pairs)))
    return figures


def _pair(catalogue: Catalogue, suspect: Suspect) -> Floats | None:
    """Region similarities (5,) of a suspect and its original in the order of the suspect's regions."""
    if suspect.garment is None:
        return None
    scores = catalogue.scores(suspect.garment, "partial")
    mine = np.flatnonzero(catalogue.right(suspect.query)[catalogue.vectors.photo])
    if not len(mine):
        return None
    return scores.region_similarity[mine[int(np.argmax(scores.score[mine]))]]
