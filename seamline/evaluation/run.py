"""An evaluation from photos to its report: what `seamline evaluate` prints.

    photos -> detections -> embeddings -> query/gallery protocol -> rankings -> figures -> report

Every system goes the same way over the same photos; its rows stand beside the others' in the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seamline.evaluation.detections import detect
from seamline.evaluation.embeddings import embed
from seamline.evaluation.figures.sections import measured, setting
from seamline.evaluation.photos import ChosenPhotos, Options, choose
from seamline.evaluation.protocol import query_galleries
from seamline.evaluation.ranking import search_all
from seamline.evaluation.report import Report, figures, joined, keep_last
from seamline.serving.weights import Weights


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
    conditions = {"seed": options.seed, **setting(searched, weights.spec)}
    cases = measured(photos, detections, embeddings, searched, weights.spec)
    return Report(figures(cases, options.seed), conditions)
