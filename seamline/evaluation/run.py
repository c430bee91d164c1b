"""A whole evaluation of one set of weights: what `seamline evaluate` prints, and what the benchmark builds upon."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from seamline.core.errors import BadOption
from seamline.core.garments import Embeddings
from seamline.data.copies import LEVELS
from seamline.data.label_file import Label
from seamline.data.landmark_labels import photo_names
from seamline.evaluation import detection, landmarks
from seamline.evaluation.copies import CopyPlan, make_copies
from seamline.evaluation.detections import DetectedPhotos, detect
from seamline.evaluation.embeddings import embed
from seamline.evaluation.evidence import evidence, judged, localisation
from seamline.evaluation.figures import Figure, Report
from seamline.evaluation.figures import joined as joined_figures
from seamline.evaluation.ground_truth import annotated, held_out, trusted
from seamline.evaluation.probability import calibration
from seamline.evaluation.protocol import QueryGallery, query_gallery
from seamline.evaluation.ranking import SERVED, Gallery, Ranking, Results, search
from seamline.evaluation.retrieval import READING, among_hard_negatives, by_category, by_copy, retrieval
from seamline.serving.weights import Weights


@dataclasses.dataclass(frozen=True)
class Options:
    """What is measured on. `copies`: of each original; `queries`, `gallery`: at most so many originals and photos."""

    photos: Path
    cache: Path
    copies: int = 3
    seed: int = 0
    processes: int = 2
    queries: int | None = None
    gallery: int | None = None


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """A problem of one level, ready to be ranked by any method: the garments of gallery and copies and their crops."""

    level: str
    options: Options
    problem: QueryGallery
    gallery: DetectedPhotos
    copies: DetectedPhotos

    def embed(self, weights: Weights) -> Embeddings:
        """Vectors of all garments, in the order of the problem's."""
        return Embeddings.joined(
            [embed(one, weights, self.options.cache, self.options.processes) for one in self.parts]
        )

    @property
    def parts(self) -> tuple[DetectedPhotos, DetectedPhotos]:
        """The garments of the catalogue's photos and of the copies."""
        return self.gallery, self.copies

    def search(self, embeddings: Embeddings, weights: Weights, ranking: Ranking) -> Results:
        """Every query against every photo."""
        return search(self.problem, Gallery(embeddings.vectors, weights.spec.scoring), ranking, self.options.seed)

    def title(self, what: str) -> str:
        """A section's title."""
        return f"{self.level}: {what}"

    def setting(self) -> dict[str, object]:
        """What was searched for in what."""
        made, problem = self.problem.copies, self.problem
        version = LEVELS[self.level].version
        return {
            "reading": READING,
            f"{self.level}, version {version}": f"{problem.queries} originals, {len(made)} copies, "
            f"{problem.photos} photos with {len(problem.photo)} garments, "
            f"{problem.hard_negative.sum(1).mean():.1f} look-alikes a query, "
            f"{int((problem.query_garment < 0).sum())} originals in which no garment was found",
        }


def prepare(options: Options, weights: Weights, level: str) -> Benchmark:
    """Make the copies of a level, find the garments of all photos, and tell copies from distractors.

    Raises BadOption where the folder of photos has no `flatlay/validation` with usable garments.
    """
    originals = _drawn(trusted(held_out(options.photos, options.cache, options.processes)), options)
    if not originals:
        raise BadOption(f"{options.photos} has no flatlay/validation/<class>/ with photos of garments that stand out")
    plan = CopyPlan(options.photos, options.cache, tuple(originals), level, options.copies, options.seed)
    made = make_copies(plan, options.cache, options.processes)
    names = _gallery_names(options, originals)
    files = [options.photos / name for name in names]
    gallery = detect("garments of the gallery", files, weights, options.cache, options.processes)
    copies = detect("garments of the copies", [one.file for one in made], weights, options.cache, options.processes)
    return Benchmark(level, options, query_gallery(names, gallery, made, copies, options.cache), gallery, copies)


def evaluated(options: Options, weights: Weights, level: str, only: Sequence[str]) -> Report:
    """The figures of one set of weights; `only`: any of "detector", "landmarks" and "retrieval"."""
    parts: list[Sequence[Figure]] = []
    setting: dict[str, object] = {"seed": options.seed}
    if "detector" in only:
        parts.append(detector_figures(options, weights))
    if "landmarks" in only:
        parts.append(landmark_figures(options, weights))
    if "retrieval" in only:
        benchmark = prepare(options, weights, level)
        parts.append(list(served_figures(benchmark, weights)))
        setting |= benchmark.setting()
    return Report(joined_figures(parts), setting | fingerprints(weights))


def fingerprints(weights: Weights) -> dict[str, object]:
    """What names the weights that were measured."""
    return {"regions": weights.spec.fingerprint, "detector": weights.spec.detector_fingerprint}


def served_figures(benchmark: Benchmark, weights: Weights) -> Iterator[Figure]:
    """The rankings that `search` offers, the shipped one in parts, evidence and copy probability."""
    embeddings = benchmark.embed(weights)
    found = {ranking: benchmark.search(embeddings, weights, ranking) for ranking in SERVED}
    for ranking, results in found.items():
        yield from retrieval(benchmark.title("copies found"), ranking.name, benchmark.problem, results.score)
    for ranking, results in found.items():
        yield from among_hard_negatives(
            benchmark.title("copies among look-alikes"), ranking.name, benchmark.problem, results.score
        )
    yield from details(benchmark, weights, embeddings, found[SERVED[0]])


def details(benchmark: Benchmark, weights: Weights, embeddings: Embeddings, shipped: Results) -> Iterator[Figure]:
    """The shipped ranking's results in parts, its evidence and its copy probability."""
    run, seed = benchmark.problem, benchmark.options.seed
    yield from by_category(benchmark.title("shipped ranking, by category"), run, shipped.score)
    yield from by_copy(benchmark.title("shipped ranking, by what became of the copy"), run, shipped.score)
    scoring = weights.spec.scoring
    yield from evidence(benchmark.title("redesigned or kept"), judged(run, shipped), scoring, seed)
    boxes = benchmark.title("region boxes on copies")
    yield from localisation(boxes, run, embeddings.part_boxes, embeddings.part_visible, weights.spec, seed)
    yield from calibration(benchmark.title("copy probability"), run, shipped, seed)


def detector_figures(options: Options, weights: Weights) -> list[Figure]:
    """The detector on flat-lay and street photos."""
    detector = weights.open_detector(options.processes)
    silhouettes = held_out(options.photos, options.cache, options.processes)
    hand = annotated(options.photos)
    return [
        *detection.flat_lay(detector, weights.spec, options.photos, hand, silhouettes),
        *detection.street(detector, options.photos),
    ]


def landmark_figures(options: Options, weights: Weights) -> list[Figure]:
    """Landmarks and region boxes on annotated photos."""
    pipeline = weights.open_pipeline(options.processes)
    return landmarks.localisation(pipeline, weights.spec, options.photos, annotated(options.photos))


def _drawn(labels: Sequence[Label], options: Options) -> list[Label]:
    if options.queries is None or options.queries >= len(labels):
        return list(labels)
    chosen = np.random.default_rng(options.seed).choice(len(labels), options.queries, replace=False)
    return [labels[int(index)] for index in np.sort(chosen)]


def _gallery_names(options: Options, originals: Sequence[Label]) -> list[str]:
    """All flat-lay photos, or so many of them, the originals always among them."""
    names = photo_names(options.photos)
    if options.gallery is None or options.gallery >= len(names):
        return names
    wanted = {label.photo for label in originals}
    others = [name for name in names if name not in wanted]
    most = max(0, options.gallery - len(wanted))
    chosen = np.random.default_rng(options.seed).choice(len(others), min(most, len(others)), replace=False)
    return sorted(wanted | {others[int(index)] for index in chosen})
