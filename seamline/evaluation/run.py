"""An evaluation from photos to its report: what `seamline evaluate` prints.

    photos -> detections -> embeddings -> query/gallery protocol -> rankings -> figures -> report

Every system goes the same way over the same photos; its rows stand beside the others' in the same tables. Systems are
served ones, or folders that export wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seamline.core.errors import BadOption
from seamline.core.garments import Embeddings
from seamline.core.spec import Spec
from seamline.evaluation.choosing import choose
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.copy_plan import level_named
from seamline.evaluation.detections import DetectedPhotos, detect
from seamline.evaluation.embeddings import embed
from seamline.evaluation.figures.calibration import of_calibration
from seamline.evaluation.figures.detector import of_detector
from seamline.evaluation.figures.evidence import of_evidence, of_probability
from seamline.evaluation.figures.landmarks import of_landmarks
from seamline.evaluation.figures.retrieval import READING, in_parts, of_copies, of_pairs
from seamline.evaluation.figures.rotation import of_rotation
from seamline.evaluation.figures.worn_landmarks import of_worn_landmarks
from seamline.evaluation.photos import DETECTOR, LANDMARKS, ROTATION, WORN_GIVEN, ChosenPhotos, Options
from seamline.evaluation.protocol import OTHER_COLOUR, SAME_ITEM, QueryGallery, query_galleries
from seamline.evaluation.ranking import Searched, search_all
from seamline.evaluation.report import Measured, Report, figures, joined, keep_last
from seamline.serving.weights import Weights
from seamline.systems import DEFAULT, system_named


def evaluate_systems(
    options: Options,
    systems: Mapping[str, Weights],
    level: str,
    only: Sequence[str],
    rankings: Sequence[str] = (),
) -> Report:
    """The figures of systems by name; `only`: any of `photos.SECTIONS`; `rankings`: names, all
    that a system offers where there are none. Each system's are kept as its last ones.

    Raises BadOption where the folder has no photos for what is wanted.
    """
    photos = choose(options, level, only)
    reports = {name: report_of(photos, weights, options, rankings) for name, weights in systems.items()}
    for name, report in reports.items():
        keep_last(name, report, options.cache)
    return joined(reports)


def report_of(photos: ChosenPhotos, weights: Weights, options: Options, rankings: Sequence[str] = ()) -> Report:
    """The way of one system."""
    detections = detect(photos.sets, weights, options.cache, options.processes)
    embeddings = embed(detections, weights, options.cache, options.processes)
    problems = query_galleries(photos, detections)
    searched = search_all(problems, embeddings, weights.spec, rankings, options.seed)
    conditions = {"seed": options.seed, **setting(searched, weights.spec), **refused(photos)}
    cases = of_sections(photos, detections, embeddings, searched, weights.spec, options.seed)
    return Report(figures(cases, options.seed), conditions)


def of_sections(
    photos: ChosenPhotos,
    detections: Mapping[str, DetectedPhotos],
    embeddings: Mapping[str, Embeddings],
    searched: Mapping[str, Searched],
    spec: Spec,
    seed: int,
) -> Iterator[Measured]:
    """Everything that there are photos for: detections and embeddings by set of photos, results by search problem.

    Parts, evidence and copy probability are of the first ranking: the shipped one, unless others were asked for.
    """
    for name in (SAME_ITEM, OTHER_COLOUR):
        if name in searched:
            yield from of_pairs(searched[name])
    yield from of_calibration(searched, photos.copies, seed)
    if ROTATION in searched:
        yield from of_rotation(photos.turned, searched[ROTATION])
    if DETECTOR in photos.only:
        yield from of_detector(photos, detections, spec.detector.score_threshold)
    if LANDMARKS in photos.only and photos.annotated:
        yield from of_landmarks(photos.annotated, detections, embeddings, spec)
    if photos.worn:
        yield from of_worn_landmarks(photos.worn, embeddings[WORN_GIVEN], spec)
    for level in photos.copies:
        yield from of_copies(searched[level])
        yield from in_parts(searched[level])
        yield from of_evidence(searched[level])
        yield from of_probability(searched[level])


def setting(searched: Mapping[str, Searched], spec: Spec) -> dict[str, object]:
    """What was searched for in what, what was left out, and what names the weights."""
    problems = {name: one.problem for name, one in searched.items()}
    found: dict[str, object] = {
        f"real pairs, {name}": f"{problem.queries} queries among {problem.photos} photos"
        for name, problem in problems.items()
        if name in (SAME_ITEM, OTHER_COLOUR)
    }
    for problem in problems.values():
        if problem.copies:
            found |= setting_of_copies(problem)
    if not places_of_copy_parts(spec):
        found["left out"] = f"evidence and boxes of regions: {spec.system} has no part for each of PS-Net's regions"
    return found | {"regions": spec.fingerprint, "detector": spec.detector_fingerprint}


def refused(photos: ChosenPhotos) -> dict[str, object]:
    """How many entries could not be used, and each with its reason."""
    if not photos.refused:
        return {}
    return {"bad entries left out": f"{len(photos.refused)}: {'; '.join(photos.refused)}"}


def setting_of_copies(problem: QueryGallery) -> dict[str, object]:
    """How many copies were searched for among how many photos."""
    return {
        "reading": READING,
        f"{problem.name}, version {level_named(problem.name).version}": f"{problem.queries} originals, "
        f"{len(problem.copies)} copies, {problem.photos} photos with {len(problem.photo)} garments, "
        f"{problem.hard_negative.sum(1).mean():.1f} look-alikes a query, "
        f"{int((problem.query_garment < 0).sum())} originals in which no garment was found",
    }


def systems_of(names: Sequence[str], folders: Sequence[str], repository: Path) -> dict[str, Weights]:
    """Weights by the name of their rows: systems that a model repository serves, and `NAME=FOLDER`, or `FOLDER` under
    its system's name; the default system where nothing is named. The detector of the repository finds the garments
    where a folder has none. Raises BadOption."""
    given = [_folder(text, repository) for text in folders]
    wanted = list(dict.fromkeys(names or ([] if given else [DEFAULT])))
    rows = [*wanted, *(name for name, _ in given)]
    if twice := next((name for name in rows if rows.count(name) > 1), None):
        raise BadOption(f"two rows would be called {twice!r}; name the folder's, --weights NAME=FOLDER")
    return {**{name: _served(name, repository) for name in wanted}, **dict(given)}


def _served(name: str, repository: Path) -> Weights:
    system_named(name)
    try:
        return Weights.of_repository(repository, name)
    except BadOption as error:
        raise BadOption(f"{name} is not served: {error}; or name its folder, --weights {name}=FOLDER") from error


def _folder(text: str, repository: Path) -> tuple[str, Weights]:
    name, equals, folder = text.rpartition("=")
    if not folder or bool(name) != bool(equals) or "/" in name:
        raise BadOption(f"--weights {text!r} is not FOLDER or NAME=FOLDER")
    weights = Weights.of_folder(Path(folder), repository)
    return name or weights.spec.system, weights
