"""How alike two photos of one garment are: `python -m benchmarks.photographer PHOTOS --work WORK --out PICTURE`: for
real pairs, and for training photos beside what the photographer makes of them.

With `--strengths 0.8,1,1.2` the photographer's strength is tried at each, and the distance between the distributions
printed: the mean difference of their quantiles (Wasserstein), by which the preset's strength was chosen.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np

from benchmarks.arguments import add_json, add_photos, parser_of
from benchmarks.photographer.colours import NAMES, photographed_colour
from benchmarks.photographer.pairs import Comparison, boxed, real_pairs, training_garments
from benchmarks.photographer.picture import draw
from benchmarks.photographer.vectors import Floats, Grids, alikeness
from seamline.core.streams import run_program
from seamline.data.photographer import PRESETS

_QUANTILES = np.linspace(0.02, 0.98, 49)
_RESAMPLED = 2000


def main() -> int:
    """Compare, print, draw. Returns the exit code."""
    options = _parser().parse_args()
    cv2.setNumThreads(1)
    real, rows = _measured(options)
    for name, figures in rows.items():
        print(f"{name:24s}", "  ".join(f"{key} {value:.3f}" for key, value in figures.items()))
    print("real pairs, 95 % intervals:", _intervals(real))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("benchmarks.photographer", __doc__)
    add_photos(parser, "folder that holds flatlay/ and pairs.json")
    parser.add_argument("--work", type=Path, required=True, help="folder for silhouettes, which are made once")
    parser.add_argument("--out", type=Path, help="draw the distributions (PNG)")
    parser.add_argument("--count", type=int, default=150, help="training garments (default: %(default)s)")
    parser.add_argument("--preset", choices=list(PRESETS), default="real pairs")
    parser.add_argument("--strengths", default="", help="other strengths than the preset's, with commas between")
    add_json(parser)
    return parser


def _measured(options: argparse.Namespace) -> tuple[Floats, dict[str, dict[str, float]]]:
    """Cosines of the real pairs, and the figures of every row; draws the preset's."""
    network, pairs = Grids(), real_pairs(options.photos)
    garments = training_garments(options.photos, options.work, options.count, options.seed)
    comparison = Comparison(network, garments, options.seed)
    first, second = (network(boxed(options.photos, options.work, names)) for names in zip(*pairs, strict=True))
    real, others = alikeness(first, second, comparison.mean), comparison.others()
    colours = [[photographed_colour(options.photos, options.work, name) for name in pair] for pair in pairs]
    changes = np.array([second - first for first, second in colours])
    rows = {"real pairs": _figures(real, real) | _colours(changes), "other garments": _figures(others, real)}
    base = PRESETS[options.preset]
    for strength in [base.strength, *map(float, filter(None, options.strengths.split(",")))]:
        simulated, changes = comparison.simulated(dataclasses.replace(base, strength=strength))
        rows[f"simulated, strength {strength:g}"] = _figures(simulated, real) | _colours(changes)
        if strength == base.strength and options.out:
            draw(options.out, real, simulated, others)
    return real, rows


def _figures(values: Floats, real: Floats) -> dict[str, float]:
    """Percentiles, and the mean difference of quantiles from the real pairs'."""
    shown = dict(zip(("p10", "p25", "p50", "p75", "p90"), np.percentile(values, [10, 25, 50, 75, 90]), strict=True))
    apart = np.abs(np.quantile(values, _QUANTILES) - np.quantile(real, _QUANTILES)).mean()
    return {**{name: float(value) for name, value in shown.items()}, "distance": float(apart)}


def _colours(changes: Floats) -> dict[str, float]:
    """The median change of each (n, 3), whichever way."""
    return dict(zip(NAMES, map(float, np.nanmedian(np.abs(changes), axis=0)), strict=True))


def _intervals(real: Floats) -> str:
    drawn = np.random.default_rng(0).choice(real, (_RESAMPLED, len(real)))
    low, high = np.percentile(np.percentile(drawn, [25, 50, 75], axis=1), [2.5, 97.5], axis=1)
    return ", ".join(f"{name} {a:.3f} to {b:.3f}" for name, a, b in zip(("p25", "p50", "p75"), low, high, strict=True))


if __name__ == "__main__":
    run_program(main)
