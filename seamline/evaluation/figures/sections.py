"""All figures of one system, section by section: real pairs first, then what finds garments, then copies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from seamline.core.garments import Embeddings
from seamline.core.spec import Spec
from seamline.data.copies import LEVELS
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.figures import detector, landmarks
from seamline.evaluation.figures.evidence import evidence, judged, localisation
from seamline.evaluation.figures.probability import calibration
from seamline.evaluation.figures.retrieval import (
    OF_COPIES,
    OF_PAIRS,
    OF_PARTS,
    READING,
    hard_negatives,
    linked,
    retrieval,
)  # fmt: skip
from seamline.evaluation.figures.true_regions import region_places
from seamline.evaluation.photos import ANNOTATED, DETECTOR, GIVEN, HELD_OUT, LANDMARKS, STREET, ChosenPhotos
from seamline.evaluation.protocol import COPIES, OTHER_COLOUR, SAME_ITEM, QueryGallery
from seamline.evaluation.ranking import Ranking, Results
from seamline.evaluation.report import Measured
from seamline.evaluation.subsets import by_category, by_copy, whole
from seamline.systems.psnet.spec import REGIONS


@dataclasses.dataclass(frozen=True)
class Evaluated:
    """One system on the chosen photos: detections and embeddings by set of photos, search problems by name, and the
    results of each ranking in each of them."""

    spec: Spec
    level: str
    photos: ChosenPhotos
    detections: Mapping[str, DetectedPhotos]
    embeddings: Mapping[str, Embeddings]
    problems: Mapping[str, QueryGallery]
    results: Mapping[str, Mapping[Ranking, Results]]


def measured(system: Evaluated) -> Iterator[Measured]:
    """Everything that there are photos for."""
    for name, title in ((SAME_ITEM, "real pairs: the same garment"), (OTHER_COLOUR, "real pairs: in another colour")):
        if name in system.problems:
            yield from of_pairs(title, system.problems[name], system.results[name])
    yield from of_detector(system)
    yield from of_landmarks(system)
    if COPIES in system.problems:
        problem, results = system.problems[COPIES], system.results[COPIES]
        yield from of_copies(system.level, problem, results)
        embeddings = Embeddings.joined([system.embeddings[one] for one in problem.sets])
        first = next(iter(results))
        yield from of_first_ranking(system.level, problem, embeddings, system.spec, first, results[first])


def of_pairs(title: str, problem: QueryGallery, results: Mapping[Ranking, Results]) -> Iterator[Measured]:
    """Every ranking; the photos of one garment hang together."""
    groups = linked(problem)
    for ranking, found in results.items():
        yield from retrieval(title, [whole(problem, ranking.name)], found.score, OF_PAIRS, groups)


def of_detector(system: Evaluated) -> Iterator[Measured]:
    """The detector on flat-lay and street photos."""
    photos, least = system.photos, system.spec.detector.score_threshold
    if DETECTOR not in photos.only:
        return
    if photos.annotated:
        boxes = [item.box for item in photos.annotated]
        yield from detector.flat_lay("annotated flat-lay", system.detections[ANNOTATED], boxes, least)
    if photos.silhouettes:
        name, held_out = "held-out flat-lay, trusted silhouette", system.detections[HELD_OUT]
        yield from detector.flat_lay(name, held_out, [label.box for label in photos.silhouettes], least)
    if STREET in system.detections:
        yield from detector.street(system.detections[STREET])


def of_landmarks(system: Evaluated) -> Iterator[Measured]:
    """Landmarks and region boxes on annotated photos."""
    if LANDMARKS in system.photos.only and system.photos.annotated:
        given, own = ((system.detections[name], system.embeddings[name]) for name in (GIVEN, ANNOTATED))
        yield from landmarks.localisation(system.photos.annotated, given, own, system.spec)


def of_copies(level: str, problem: QueryGallery, results: Mapping[Ranking, Results]) -> Iterator[Measured]:
    """Every ranking: copies among all photos, and among look-alikes."""
    for ranking, found in results.items():
        yield from retrieval(f"{level}: copies found", [whole(problem, ranking.name)], found.score, OF_COPIES)
    for ranking, found in results.items():
        yield from hard_negatives(f"{level}: copies among look-alikes", ranking.name, problem, found.score)


def of_first_ranking(
    level: str, problem: QueryGallery, embeddings: Embeddings, spec: Spec, ranking: Ranking, found: Results
) -> Iterator[Measured]:
    """The shipped ranking, or the first one: its results in parts, its evidence and its copy probability."""
    named = f"{level}: {ranking.short}"
    yield from retrieval(f"{named}, by category", by_category(problem), found.score, OF_PARTS)
    became = f"{named}, by what became of the copy"
    yield from retrieval(became, by_copy(problem, REGIONS), found.score, OF_PARTS)
    if region_places(spec):
        yield from evidence(f"{level}: redesigned or kept", judged(problem, found, spec), spec)
        yield from localisation(f"{level}: region boxes on copies", problem, embeddings, spec)
    yield from calibration(f"{level}: copy probability", problem, found)


def setting(system: Evaluated) -> dict[str, object]:
    """What was searched for in what, and what names the weights."""
    found: dict[str, object] = {}
    for name in (SAME_ITEM, OTHER_COLOUR):
        if name in system.problems:
            problem = system.problems[name]
            found[f"real pairs, {name}"] = f"{problem.queries} queries among {problem.photos} photos"
    if COPIES in system.problems:
        found |= setting_of_copies(system.level, system.problems[COPIES])
    if not region_places(system.spec):
        found["left out"] = (
            f"evidence and boxes of regions: {system.spec.system} has no part for each of PS-Net's regions"
        )
    return found | fingerprints(system.spec)


def setting_of_copies(level: str, problem: QueryGallery) -> dict[str, object]:
    """How many copies were searched for among how many photos."""
    return {
        "reading": READING,
        f"{level}, version {LEVELS[level].version}": f"{problem.queries} originals, {len(problem.copies)} copies, "
        f"{problem.photos} photos with {len(problem.photo)} garments, "
        f"{problem.hard_negative.sum(1).mean():.1f} look-alikes a query, "
        f"{int((problem.query_garment < 0).sum())} originals in which no garment was found",
    }


def fingerprints(spec: Spec) -> dict[str, object]:
    """What names the weights that were measured."""
    return {"regions": spec.fingerprint, "detector": spec.detector_fingerprint}
