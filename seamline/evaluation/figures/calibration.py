"""Whether stated copy probabilities hold, whatever the photos are of: each kind alone, and the worst."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seamline.core.metrics import expected_calibration_error
from seamline.evaluation.figures.evidence import FIRST, first_hits, stated_cases
from seamline.evaluation.protocol import SAME_ITEM
from seamline.evaluation.ranking import Searched
from seamline.evaluation.report import Figure, Measured, figures

TITLE = f"copy probability, first {FIRST} hits: calibration error by kind of photo"
WORST = "the worst"


def of_calibration(searched: Mapping[str, Searched], levels: Mapping[str, object], seed: int) -> Iterator[Measured]:
    """Real pairs first, then the copies of each level, by the first ranking of each; nothing for a single kind."""
    kinds = {"real pairs": SAME_ITEM, **{level: level for level in levels}}
    found = [_error(name, searched[problem], seed) for name, problem in kinds.items() if problem in searched]
    if len(found) < 2:
        return
    yield from found
    worst = max(found, key=lambda figure: figure.value)
    yield Figure(TITLE, f"{WORST}: {worst.name}", worst.metric, worst.value, worst.count, worst.low, worst.high)


def _error(name: str, searched: Searched, seed: int) -> Figure:
    hits = first_hits(searched.problem, searched.first[1])
    (figure,) = figures([stated_cases(TITLE, name, "calibration error", expected_calibration_error, hits)], seed)
    return figure
