"""One search problem of the benchmark: all methods, the shipped one in detail, and its plots."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from benchmarks.quality import plots
from benchmarks.quality.methods import (
    WHITENED_GRID,
    Compared,
    other_rankings,
    trained_map,
    untrained,
    untrained_photos,
    untrained_regions,
    without_networks,
)
from benchmarks.quality.variants import Variant, variants
from seamline.data.copies import COPY_PARTS, LEVELS
from seamline.evaluation.benchmark import Benchmark
from seamline.evaluation.figures.evidence import (
    FIRST,
    LEAST,
    first_hits,
    judged,
    likely_hits,
    of_evidence,
    of_probability,
)
from seamline.evaluation.figures.retrieval import among_all, among_hard_negatives, among_pairs, gain, in_parts
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.ranking import RankingVariant, Results, Searched, served
from seamline.evaluation.report import Cases, Figure, figures
from seamline.serving.weights import Weights

_LESS_GRID = "less the whitened grid"
_CROWD = ("best 2", "best 4", "global", "colour")
"""Methods whose curves would only hide the others."""


@dataclasses.dataclass(frozen=True)
class Measurement:
    """The figures of one search problem, and the shipped ranking's results in it."""

    figures: list[Figure]
    searched: Searched


def pair_figures(benchmark: Benchmark, weights: Weights, chosen: list[Variant], repository: Path) -> Measurement:
    """Real pairs by every ranking that is served, and by the baselines that need no more than a crop."""
    embeddings, problem = benchmark.embed(weights), benchmark.problem
    results = {ranking: benchmark.search(embeddings, weights, ranking) for ranking in served(weights.spec)}
    searched = Searched(problem, embeddings, weights.spec, results)
    compared = [
        *(Compared(ranking.name, found.score) for ranking, found in results.items()),
        *variants(benchmark, chosen, repository), *untrained(benchmark),
    ]  # fmt: skip
    cases = chain.from_iterable(among_pairs(problem, one.name, one.scores) for one in compared)
    gained = _gain(problem.name, problem, compared, searched)
    return Measurement(list(figures(chain(cases, gained), benchmark.options.seed)), searched)


def level_figures(
    benchmark: Benchmark, weights: Weights, chosen: list[Variant], repository: Path, folder: Path | None
) -> Measurement:
    """The figures of the copies of one level; plots go to `folder`."""
    embeddings, problem, seed = benchmark.embed(weights), benchmark.problem, benchmark.options.seed
    shipped = served(weights.spec)[0]
    results = benchmark.search(embeddings, weights, shipped)
    flat = benchmark.level in LEVELS
    compared = [
        *(_of_photos(benchmark) if flat else ()), *untrained(benchmark), *untrained_regions(benchmark, weights),
        *(trained_map if flat else other_rankings)(benchmark, weights, embeddings),
        *variants(benchmark, chosen, repository), Compared(shipped.name, results.score),
    ]  # fmt: skip
    searched = Searched(problem, embeddings, weights.spec, {shipped: results})
    found = chain.from_iterable(among_all(problem, one.name, one.scores, one.queries) for one in compared)
    gained = _gain(problem.title("copies found"), problem, compared, searched)
    alike = chain.from_iterable(
        among_hard_negatives(problem, one.name, one.scores) for one in compared if one.queries is None
    )
    details = chain(in_parts(searched), of_evidence(searched), of_probability(searched))
    measured = list(figures(chain(found, gained, alike, details), seed))
    if folder is not None:
        _plot(folder / benchmark.level, benchmark, weights, compared, results, measured)
    return Measurement(measured, searched)


def _of_photos(benchmark: Benchmark) -> Iterator[Compared]:
    """Baselines that are slow, or that look at a whole photo, which a person's garment is a small part of."""
    yield from without_networks(benchmark)
    yield from untrained_photos(benchmark)


def _gain(section: str, problem: QueryGallery, compared: list[Compared], searched: Searched) -> Iterator[Cases]:
    """What the shipped ranking brings over the whitened grid, query by query."""
    grid = next(one.scores for one in compared if one.name == WHITENED_GRID)
    ranking, results = searched.first
    yield gain(section, f"{ranking.name} {_LESS_GRID}", problem, results.score, grid)


def _plot(
    folder: Path,
    benchmark: Benchmark,
    weights: Weights,
    compared: list[Compared],
    results: Results,
    shown: list[Figure],
) -> None:
    level = f"{benchmark.level} copies"
    for file, section, mark in (
        ("methods", "copies found", "shipped"),
        ("categories", "shipped ranking, by category", ""),
        ("regions", "shipped ranking, by what became of the copy", ""),
    ):
        title = benchmark.problem.title(section)
        own = [one for one in shown if one.section == title and not one.name.endswith(_LESS_GRID)]
        plots.bars(folder / f"{file}.png", title, own, "mAP", mark)
    drawn = [
        one for one in reversed(compared) if one.queries is None and _stands_out(one.name, served(weights.spec)[0])
    ]
    curves = {one.name: plots.recall_curve(benchmark.problem, one.scores) for one in drawn}
    plots.recall_curves(folder / "recall.png", level, curves)
    hits = {f"first {FIRST} hits": first_hits(benchmark.problem, results)}
    hits[f"all hits above {LEAST}"] = likely_hits(benchmark.problem, results)
    plots.reliability_diagram(folder / "reliability.png", level, hits)
    _plot_evidence(folder / "evidence.png", level, benchmark, weights, results)


def _stands_out(name: str, shipped: RankingVariant) -> bool:
    """Of a variant only the shipped ranking is drawn, and few of those that hardly differ."""
    return not name.startswith(_CROWD) and (": " not in name or name.endswith(shipped.name))


def _plot_evidence(file: Path, title: str, benchmark: Benchmark, weights: Weights, results: Results) -> None:
    found = judged(benchmark.problem, results, weights.spec).comparable()
    curves = {"all regions": (-found.log_odds, found.redesigned)}
    for index, region in enumerate(COPY_PARTS):
        mine = found.region == index
        if 0 < found.redesigned[mine].sum() < mine.sum():
            curves[region.replace("_", " ")] = -found.log_odds[mine], found.redesigned[mine]
    plots.roc(file, title, curves)
