"""All figures of one system, section by section: real pairs first, then what finds garments, then copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seamline.core.garments import Embeddings
from seamline.core.spec import Spec
from seamline.data.copies import LEVELS
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.figures import detector, evidence, landmarks, probability, retrieval
from seamline.evaluation.photos import DETECTOR, LANDMARKS, ChosenPhotos
from seamline.evaluation.protocol import COPIES, OTHER_COLOUR, SAME_ITEM, QueryGallery
from seamline.evaluation.ranking import Searched
from seamline.evaluation.report import Measured


def measured(
    photos: ChosenPhotos,
    detections: Mapping[str, DetectedPhotos],
    embeddings: Mapping[str, Embeddings],
    searched: Mapping[str, Searched],
    spec: Spec,
) -> Iterator[Measured]:
    """Everything that there are photos for: detections and embeddings by set of photos, results by search problem.

    Parts, evidence and copy probability are of the first ranking: the shipped one, unless others were asked for.
    """
    for name in (SAME_ITEM, OTHER_COLOUR):
        if name in searched:
            yield from retrieval.of_pairs(searched[name])
    if DETECTOR in photos.only:
        yield from detector.measured(photos, detections, spec.detector.score_threshold)
    if LANDMARKS in photos.only and photos.annotated:
        yield from landmarks.measured(photos.annotated, detections, embeddings, spec)
    if COPIES in searched:
        yield from retrieval.of_copies(searched[COPIES])
        yield from retrieval.in_parts(searched[COPIES])
        yield from evidence.measured(searched[COPIES])
        yield from probability.measured(searched[COPIES])


def setting(searched: Mapping[str, Searched], spec: Spec) -> dict[str, object]:
    """What was searched for in what, what was left out, and what names the weights."""
    problems = {name: one.problem for name, one in searched.items()}
    found: dict[str, object] = {
        f"real pairs, {name}": f"{problem.queries} queries among {problem.photos} photos"
        for name, problem in problems.items()
        if name != COPIES
    }
    if COPIES in problems:
        found |= setting_of_copies(problems[COPIES])
    if not places_of_copy_parts(spec):
        found["left out"] = f"evidence and boxes of regions: {spec.system} has no part for each of PS-Net's regions"
    return found | {"regions": spec.fingerprint, "detector": spec.detector_fingerprint}


def setting_of_copies(problem: QueryGallery) -> dict[str, object]:
    """How many copies were searched for among how many photos."""
    return {
        "reading": retrieval.READING,
        f"{problem.name}, version {LEVELS[problem.name].version}": f"{problem.queries} originals, "
        f"{len(problem.copies)} copies, {problem.photos} photos with {len(problem.photo)} garments, "
        f"{problem.hard_negative.sum(1).mean():.1f} look-alikes a query, "
        f"{int((problem.query_garment < 0).sum())} originals in which no garment was found",
    }
