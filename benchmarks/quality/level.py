"""One level of the benchmark: all methods, the shipped one in detail, and its plots."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from benchmarks.quality import plots
from benchmarks.quality.methods import Compared, trained, untrained, without_networks
from benchmarks.quality.variants import Variant, variants
from seamline.data.copies import COPY_PARTS
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
from seamline.evaluation.figures.retrieval import among_all, among_hard_negatives, in_parts
from seamline.evaluation.ranking import RankingVariant, Results, Searched, served
from seamline.evaluation.report import Figure, figures
from seamline.serving.weights import Weights

_CROWD = ("best 2", "best 4", "global", "colour")
"""Methods whose curves would only hide the others."""


def level_figures(
    benchmark: Benchmark, weights: Weights, chosen: list[Variant], repository: Path, folder: Path | None
) -> list[Figure]:
    """The figures of one level; plots go to `folder`."""
    embeddings = benchmark.embed(weights)
    shipped = served(weights.spec)[0]
    results = benchmark.search(embeddings, weights, shipped)
    compared = [
        *without_networks(benchmark), *untrained(benchmark, weights), *trained(benchmark, weights, embeddings),
        *variants(benchmark, chosen, repository), Compared(shipped.name, results.score),
    ]  # fmt: skip
    seed = benchmark.options.seed
    found = figures(
        chain.from_iterable(among_all(benchmark.problem, one.name, one.scores, one.queries) for one in compared), seed
    )
    alike = figures(
        chain.from_iterable(
            among_hard_negatives(benchmark.problem, one.name, one.scores) for one in compared if one.queries is None
        ),
        seed,
    )
    searched = Searched(benchmark.problem, embeddings, weights.spec, {shipped: results})
    details = chain(in_parts(searched), of_evidence(searched), of_probability(searched))
    rest = figures(details, seed)
    if folder is not None:
        _plot(folder / benchmark.level, benchmark, weights, compared, results, [*found, *rest])
    return [*found, *alike, *rest]


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
        plots.bars(folder / f"{file}.png", title, [one for one in shown if one.section == title], "mAP", mark)
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
    curves = {"all regions": (-found.above_threshold(weights.spec), found.redesigned)}
    for index, region in enumerate(COPY_PARTS):
        mine = found.region == index
        if 0 < found.redesigned[mine].sum() < mine.sum():
            curves[region.replace("_", " ")] = -found.similarity[mine], found.redesigned[mine]
    plots.roc(file, title, curves)
