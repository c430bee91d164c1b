"""`python -m benchmarks.quality PHOTOS`: one table with all figures of the served networks.

PHOTOS holds flatlay/, street/, pairs.json, landmarks.json and street_landmarks.jsonl; what is missing is left out.
Originals are photos of flatlay/validation whose silhouette and points can be trusted, and garments on people; the
gallery is all flat-lay photos with the copies that are made of the originals. Everything is seeded. What is computed is
kept in --cache, so that a second run takes a fraction of the time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.arguments import add_json, add_model_repository, add_photos
from benchmarks.quality.level import Measurement, level_figures, pair_figures
from benchmarks.quality.variants import Variant
from seamline.core.errors import SeamlineError
from seamline.data.copies import LEVELS
from seamline.evaluation.benchmark import prepare_all
from seamline.evaluation.choosing import choose
from seamline.evaluation.figures.calibration import of_calibration
from seamline.evaluation.photos import CROSS, PAIRS, RETRIEVAL, SECTIONS, WORN, Options
from seamline.evaluation.report import Figure, Report, default_cache, figures
from seamline.evaluation.run import report_of, setting
from seamline.serving.weights import Weights

_SEARCHES = frozenset({PAIRS, RETRIEVAL, WORN, CROSS})
"""Sections in which every method is compared."""


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    try:
        report = measured(arguments)
    except SeamlineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    Console(width=180 if not sys.stdout.isatty() else None).print(report.to_table())
    for file, text in ((arguments.json, report.to_json()), (arguments.markdown, report.to_markdown())):
        if file is not None:
            file.write_text(text, encoding="utf-8")
    return 0


def measured(arguments: argparse.Namespace) -> Report:
    """All sections that were asked for. Raises SeamlineError."""
    weights = _weights(arguments)
    options = Options(
        arguments.photos, arguments.cache, arguments.copies, arguments.seed, arguments.processes, arguments.queries,
        arguments.gallery,
    )  # fmt: skip
    chosen = [Variant.parse(text) for text in arguments.variant]
    sections = [name for name in arguments.only if name not in _SEARCHES]
    measurements = dict(_measurements(arguments, options, weights, chosen))
    report = report_of(choose(options, arguments.levels[0], sections), weights, options)
    searched = {name: one.searched for name, one in measurements.items()}
    of_searches = setting(searched, weights.spec)
    conditions = {**report.setting, "copies of each original": arguments.copies, **of_searches}
    return Report(tuple(_in_order(measurements, report, options.seed)), conditions)


def _measurements(
    arguments: argparse.Namespace, options: Options, weights: Weights, chosen: list[Variant]
) -> Iterator[tuple[str, Measurement]]:
    """The search problems that were asked for, real pairs first. Raises SeamlineError."""
    repository = arguments.model_repository
    if PAIRS in arguments.only:
        for name, benchmark in prepare_all(options, weights, arguments.levels[0], (PAIRS,)).items():
            yield name, pair_figures(benchmark, weights, chosen, repository)
    flat = [(level, RETRIEVAL) for level in arguments.levels if RETRIEVAL in arguments.only]
    for level, section in (*flat, *((name, name) for name in (WORN, CROSS) if name in arguments.only)):
        for name, benchmark in prepare_all(options, weights, level, (section,)).items():
            yield name, level_figures(benchmark, weights, chosen, repository, arguments.plots)


def _in_order(measurements: Mapping[str, Measurement], report: Report, seed: int) -> Iterator[Figure]:
    """Real pairs before everything else."""
    searched = {name: one.searched for name, one in measurements.items()}
    of_pairs = [one for one in measurements.values() if not one.searched.problem.copies]
    of_levels = {name: one for name, one in measurements.items() if one.searched.problem.copies}
    yield from (figure for one in of_pairs for figure in one.figures)
    yield from figures(of_calibration(searched, of_levels, seed), seed)
    yield from report.figures
    yield from (figure for one in of_levels.values() for figure in one.figures)


def _weights(arguments: argparse.Namespace) -> Weights:
    if arguments.weights is None:
        return Weights.of_repository(arguments.model_repository)
    return Weights.of_folder(arguments.weights, arguments.model_repository)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description="Measure the served networks.")
    add_photos(parser, "folder with flatlay/, street/ and landmarks.json")
    add_model_repository(parser)
    parser.add_argument("--weights", type=Path, help="measure this folder, which export wrote, instead")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections to measure")
    parser.add_argument(
        "--levels", nargs="+", choices=tuple(LEVELS), default=["medium"], help="how hard the copies are"
    )
    parser.add_argument("--copies", type=int, default=3, help="copies of each original")
    parser.add_argument(
        "--variant", action="append", default=[], metavar="NAME=FOLDER[+FOLDER...]",
        help="networks to compare, as export writes them; several folders are an ensemble; may be repeated",
    )  # fmt: skip
    parser.add_argument("--queries", type=int, help="at most so many originals (default: all that can be trusted)")
    parser.add_argument("--gallery", type=int, help="at most so many photos in the gallery (default: all)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=default_cache())
    add_json(parser)
    parser.add_argument("--markdown", type=Path, help="also write Markdown tables to this file")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="also draw the figures into this folder")
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
