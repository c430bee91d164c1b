"""`python -m benchmarks.speed.gpu`: the served networks in PyTorch, onnxruntime and TensorRT, against the card's peak.

For each backend and batch: how long one call takes, rows a second, floating-point operations and bytes a second with
their share of what the card can do. Without a GPU, what runs on the CPU is run there and the rest named as
left out. Inputs are random pixels: speed does not depend on them.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_json, add_model_repository, parser_of
from benchmarks.speed.gpu import cards
from benchmarks.speed.gpu.backends import BACKENDS, LeftOut, Precision, card_name
from benchmarks.speed.gpu.counting import Work, count
from seamline.core.errors import SeamlineError
from seamline.core.output_files import write_text
from seamline.exporting.tensorrt.latency import Timing, timed
from seamline.exporting.tensorrt.network import exported_networks
from seamline.serving.weights import Weights


@dataclasses.dataclass(frozen=True)
class Row:
    """One network on one backend at one batch. Shares are None where the peak is not known."""

    network: str
    backend: str
    precision: Precision
    timing: Timing
    work: Work
    operations_share: float | None
    bytes_share: float | None

    @property
    def teraflops(self) -> float:
        """10^12 floating-point operations a second."""
        return self.work.operations / self.timing.milliseconds / 1e9

    @property
    def gigabytes(self) -> float:
        """10^9 bytes a second, of those that counting assumes."""
        return self.work.bytes / self.timing.milliseconds / 1e6


@dataclasses.dataclass(frozen=True)
class Peak:
    """What the machine can do at most; None where nobody says."""

    card: cards.Card | None
    teraflops: float | None
    gigabytes: float | None

    def operations(self, precision: Precision) -> float | None:
        """10^12 floating-point operations a second at a precision."""
        return self.teraflops or (self.card.teraflops.get(precision) if self.card else None)

    def bytes(self) -> float | None:
        """10^9 bytes a second."""
        return self.gigabytes or (self.card.gigabytes if self.card else None)


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    try:
        weights = Weights.of_repository(arguments.model_repository)
    except SeamlineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    name = card_name()
    peak = Peak(cards.find(name), arguments.peak_tflops, arguments.peak_gbs)
    rows: list[Row] = []
    left_out: dict[str, str] = {}
    for network in arguments.networks:
        rows += _rows(network, weights.files[network], peak, arguments, left_out)
    _show(rows, left_out, name, peak)
    if arguments.json is not None:
        plain = {"card": name, "rows": [dataclasses.asdict(row) for row in rows], "left_out": left_out}
        write_text(arguments.json, json.dumps(plain, indent=2) + "\n")
    return 0


def _rows(
    network: str, file: Path, peak: Peak, arguments: argparse.Namespace, left_out: dict[str, str]
) -> Iterator[Row]:
    model = onnx.load(file)
    work = {batch: count(model, batch) for batch in arguments.batches}
    for (backend, precision), make in BACKENDS.items():
        try:
            run = make(network, file, arguments.threads)
            timings = timed(backend, run, exported_networks()[network], (), arguments.batches, arguments.calls)
        except LeftOut as reason:
            left_out[f"{backend} {precision}"] = str(reason)
            continue
        for timing in timings:
            yield row(network, precision, timing, work[timing.batch], peak)


def row(network: str, precision: Precision, timing: Timing, work: Work, peak: Peak) -> Row:
    """A timing with its share of the peak."""
    plain = Row(network, timing.what, precision, timing, work, None, None)
    most, widest = peak.operations(precision), peak.bytes()
    return dataclasses.replace(
        plain,
        operations_share=plain.teraflops / most if most else None,
        bytes_share=plain.gigabytes / widest if widest else None,
    )


def _show(rows: Sequence[Row], left_out: dict[str, str], name: str, peak: Peak) -> None:
    console = Console(width=160)
    table = Table("network", "backend", "batch", "ms", "rows/s", "GFLOP", "MB", "GFLOP/s", "of peak", "GB/s", "of peak")
    for row in rows:
        table.add_row(
            row.network, f"{row.backend} {row.precision}", str(row.timing.batch), f"{row.timing.milliseconds:.2f}",
            f"{row.timing.per_second:.0f}", f"{row.work.operations / 1e9:.2f}", f"{row.work.bytes / 1e6:.0f}",
            f"{row.teraflops * 1000:.0f}", _share(row.operations_share), f"{row.gigabytes:.1f}",
            _share(row.bytes_share),
        )  # fmt: skip
    console.print(table)
    console.print(f"on {name or 'the CPU: PyTorch sees no GPU'}; {_source(peak)}")
    for backend, reason in left_out.items():
        console.print(f"left out: {backend}: {reason}", markup=False)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _source(peak: Peak) -> str:
    if peak.teraflops or peak.gigabytes:
        return "peaks as given"
    return f"peaks from {peak.card.source}" if peak.card else "its peaks are not known here: --peak-tflops, --peak-gbs"


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.gpu", __doc__)
    networks = list(exported_networks())
    parser.add_argument("--networks", nargs="+", choices=networks, default=networks)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--calls", type=int, default=50, help="calls of each, after 5 that do not count")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")
    parser.add_argument("--peak-tflops", type=float, help="what the machine can do, in 10^12 operations a second")
    parser.add_argument("--peak-gbs", type=float, help="what its memory can do, in 10^9 bytes a second")
    add_model_repository(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
