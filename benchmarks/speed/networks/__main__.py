"""`python -m benchmarks.speed.networks PHOTOS`: the served networks on this processor, and other forms of them.

Each network runs as it is served, optimised offline, and in int8, at several batch sizes, in turns. One thread; times
are milliseconds of the processor, which other work on the machine does not lengthen. With --threads, the served form
also runs on several threads, by the clock on the wall, which needs a machine that is otherwise idle.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_json, add_model_repository, add_photos, parser_of
from benchmarks.speed.networks import forms
from benchmarks.speed.networks.inputs import Rows, batch, read_rows
from benchmarks.speed.networks.measure import Figures, compare, in_turns, runner
from seamline.catalogue import photos_below
from seamline.evaluation.weights import Weights

SERVED = "served"
NETWORKS = ("detector", "encoder", "region_head")


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    weights = Weights.of_repository(arguments.model_repository)
    photos = list(photos_below(arguments.photos))
    random.Random(arguments.seed).shuffle(photos)
    rows = read_rows(weights, photos, arguments.rows)
    figures: list[Figures] = []
    for network in arguments.networks:
        file = getattr(weights, network)
        figures += _figures(network, file, rows[network], arguments)
        for size in arguments.batches if arguments.threads else ():
            _show_threads(network, file, rows[network], size, arguments)
    _show(figures, arguments.batches)
    refused = forms.bfloat16_refusal()
    Console().print(f"bfloat16: {refused or 'onnxruntime runs it here'}", soft_wrap=True, markup=False)
    if arguments.json is not None:
        plain = [dataclasses.asdict(row) for row in figures]
        arguments.json.write_text(
            json.dumps({"figures": plain, "bfloat16": refused}, indent=2) + "\n", encoding="utf-8"
        )
    return 0


def _figures(network: str, file: Path, rows: Rows, arguments: argparse.Namespace) -> list[Figures]:
    with tempfile.TemporaryDirectory() as folder:
        wanted = {name: make for name, make in forms.FORMS.items() if name == SERVED or name in arguments.forms}
        files = {name: make(file, Path(folder), rows) for name, make in wanted.items()}
        others = {str(path): path for path in arguments.other if path.stem == network}
        loaded = [forms.load(name, path) for name, path in (files | others).items()]
        for path in files.values() if arguments.keep else ():
            _keep(path, arguments.keep / path.stem / f"{network}.onnx")
    return compare(network, loaded, rows, arguments.batches, arguments.repeats)


def _keep(path: Path, kept: Path) -> None:
    if path.stem != "model":
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, kept)


def _show_threads(network: str, file: Path, rows: Rows, size: int, arguments: argparse.Namespace) -> None:
    sessions = [forms.load(f"{threads} threads", file, threads) for threads in (1, *arguments.threads)]
    runs = [runner(session, batch(rows, size)) for session in sessions]
    medians = in_turns(runs, max(3, arguments.repeats // size))
    shown = ", ".join(f"{form.name} {median:.1f} ms" for form, median in zip(sessions, medians, strict=True))
    Console().print(f"{network}, batch {size}: {shown}")


def _show(figures: Sequence[Figures], batches: Sequence[int]) -> None:
    table = Table("network", "form", "MB", "load ms", *(f"batch {size}, ms" for size in batches), "least cosine")
    plain = {row.network: row for row in figures if row.form == SERVED}
    for row in figures:
        base = plain[row.network].medians
        times = [f"{row.medians[size]:.1f} (x{row.medians[size] / base[size]:.2f})" for size in batches]
        cosines = "  ".join(f"{name} {value:.5f}" for name, value in row.cosine.items())
        table.add_row(row.network, row.form, f"{row.size / 1e6:.1f}", f"{row.load:.0f}", *times, cosines)
    Console(width=200).print(table)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.networks", __doc__ or "")
    add_photos(parser, "folder of photos, for calibration and for the runs")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--forms", nargs="*", choices=list(forms.FORMS), default=list(forms.FORMS))
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--threads", type=int, nargs="+", default=[], help="also run the served form on these")
    parser.add_argument("--repeats", type=int, default=24, help="runs at batch 1; fewer at larger ones")
    parser.add_argument("--rows", type=int, default=32, help="photos for calibration and comparison")
    parser.add_argument("--other", type=Path, nargs="+", default=[], help="further files, encoder.onnx and the like")
    parser.add_argument("--keep", type=Path, help="keep the files of the forms in folders below this one")
    add_model_repository(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
