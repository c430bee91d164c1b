"""`python -m benchmarks.quality PHOTOS`: one table with all figures of the served networks.

PHOTOS holds flatlay/, street/ and landmarks.json; what is missing is left out. Originals are photos of
flatlay/validation whose silhouette and points can be trusted, the gallery is all flat-lay photos with the copies that
are made of the originals. Everything is seeded. What is computed is kept in --cache, so that a second run takes a
fraction of the time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.arguments import add_json, add_model_repository, add_photos
from benchmarks.quality.level import level_figures
from benchmarks.quality.variants import Variant
from seamline.core.errors import SeamlineError
from seamline.data.copies import LEVELS
from seamline.evaluation.benchmark import prepare
from seamline.evaluation.choosing import choose
from seamline.evaluation.photos import RETRIEVAL, SECTIONS, Options
from seamline.evaluation.report import Report, default_cache
from seamline.evaluation.run import report_of, setting_of_copies
from seamline.serving.weights import Weights


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
    sections = [name for name in arguments.only if name != RETRIEVAL]
    report = report_of(choose(options, arguments.levels[0], sections), weights, options)
    found, setting = [*report.figures], {**report.setting, "copies of each original": arguments.copies}
    for level in arguments.levels if RETRIEVAL in arguments.only else ():
        benchmark = prepare(options, weights, level)
        found += level_figures(benchmark, weights, chosen, arguments.model_repository, arguments.plots)
        setting |= setting_of_copies(benchmark.problem)
    return Report(tuple(found), setting)


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
