"""What NVIDIA's parser and builder say of ONNX files, architecture by architecture, on a machine without a GPU.

Each architecture is built on its own: one engine for several is refused as a whole where one of them refuses it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from seamline.exporting.tensorrt.build import BuildOptions
from seamline.exporting.tensorrt.network import Network
from seamline.exporting.tensorrt.refusals import Refusal
from seamline.exporting.tensorrt.targets import Target, capability
from seamline.exporting.tensorrt.trt_variant import TrtVariant
from seamline.exporting.tensorrt.unsupported_ops import find_unsupported_ops


@dataclasses.dataclass(frozen=True)
class Row:
    """One network on one architecture.

    `offered`: whether the builder has that architecture at all; `size` of the engine in bytes and `seconds` are None
    unless it was built; `complete`: whether all that would be refused is named.
    """

    network: str
    target: str
    offered: bool
    size: int | None = None
    seconds: float | None = None
    layers: int | None = None
    refused: tuple[Refusal, ...] = ()
    complete: bool = True

    @property
    def outcome(self) -> str:
        """A word or a few."""
        if not self.offered:
            return "no target of this builder"
        return "refused" if self.refused else "built"

    def cells(self) -> tuple[str, ...]:
        """As text: network, architecture, outcome, size and time."""
        size = "" if self.size is None else f"{self.size / 1e6:.1f} MB"
        seconds = "" if self.seconds is None else f"{self.seconds:.1f} s"
        return self.network, self.target, self.outcome, size, seconds


@dataclasses.dataclass(frozen=True)
class Report:
    """All rows; `builder` is what built them, with its version."""

    builder: str
    profiles: dict[str, str]
    rows: tuple[Row, ...]

    @property
    def refused(self) -> tuple[Row, ...]:
        """The rows that keep a network from being served."""
        return tuple(row for row in self.rows if row.refused)

    def text(self) -> str:
        """A table, and every refused operator below it."""
        table = [("network", "target", "outcome", "engine", "time"), *(row.cells() for row in self.rows)]
        widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in table]
        return "\n".join([self.builder, *(line.rstrip() for line in lines), *self._refusals()])

    def to_json(self) -> str:
        """For programs."""
        rows = [dataclasses.asdict(row) | {"outcome": row.outcome} for row in self.rows]
        return json.dumps({"builder": self.builder, "profiles": self.profiles, "rows": rows}, indent=2) + "\n"

    def _refusals(self) -> list[str]:
        """Each with the architectures that it holds for."""
        where: dict[tuple[str, Refusal], list[str]] = {}
        for row in self.refused:
            for refusal in row.refused:
                where.setdefault((row.network, refusal), []).append(row.target)
        lines = [f"{network} on {', '.join(targets)}: {refusal}" for (network, refusal), targets in where.items()]
        unsure = sorted({row.network for row in self.rows if not row.complete})
        return lines + [f"{network}: more may be refused than is named here" for network in unsure]


def check(variant: TrtVariant, networks: Sequence[Network], targets: Sequence[Target]) -> Report:
    """Build every network for every architecture. Raises ExportError for a profile that does not fit a network."""
    rows = [_row(variant, network, target) for network in networks for target in targets]
    return Report(str(variant), {network.name: str(network.profile) for network in networks}, tuple(rows))


def _row(variant: TrtVariant, network: Network, target: Target) -> Row:
    if capability(variant, target) is None:
        return Row(network.name, str(target), offered=False)
    found = find_unsupported_ops(variant, network.model, BuildOptions(network.profile, target))
    if found.built is None:
        return Row(network.name, str(target), offered=True, refused=found.refusals, complete=found.complete)
    built = found.built
    return Row(network.name, str(target), True, len(built.plan), built.seconds, built.layers)
