"""The parity report: what was exported, what it does differently from PyTorch, and whether that is allowed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.exporting.parity import Comparison, Tolerance, finite

if TYPE_CHECKING:
    from seamline.exporting.retrieval_regression import RetrievalRegression


@dataclasses.dataclass(frozen=True)
class ExportedFile:
    """One network's file: its name, bytes, the first digits of its SHA-256, and how many nodes its graph has."""

    network: str
    name: str
    size: int
    digest: str
    nodes: int


@dataclasses.dataclass(frozen=True)
class ParityReport:
    """All that one export measured. `comparisons`: one per network, then the whole system where it could be run;
    `refusals`: what is over the tolerance, each with the layer that is to blame; empty where all is well."""

    checkpoint: str
    precision: str
    opset: int
    versions: dict[str, str]
    tolerance: Tolerance
    files: tuple[ExportedFile, ...]
    comparisons: tuple[Comparison, ...]
    regression: RetrievalRegression | None = None
    refusals: tuple[str, ...] = ()

    @property
    def inputs(self) -> str:
        """What was compared on."""
        photos = max((one.photos for one in self.comparisons), default=0)
        return f"{photos} photos" if photos else "random pixels, because no photos were given"

    def to_data(self) -> dict[str, object]:
        """As plain lists and dictionaries."""
        return {**dataclasses.asdict(self), "inputs": self.inputs}

    def to_json(self) -> str:
        """For programs; what is not finite becomes null."""
        return json.dumps(finite(self.to_data()), indent=2, allow_nan=False) + "\n"

    def text(self) -> str:
        """For a terminal."""
        lines = [f"{self.precision}, opset {self.opset}, against PyTorch on {self.inputs}"]
        lines += [one.text() for one in self.comparisons]
        if self.regression is not None:
            lines.append(self.regression.text())
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """As tables."""
        return "\n".join(self._markdown()) + "\n"

    def write(self, folder: Path, name: str = "parity") -> None:
        """As `name`.json and `name`.md in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(self.to_json(), encoding="utf-8")
        (folder / f"{name}.md").write_text(self.to_markdown(), encoding="utf-8")

    def _markdown(self) -> Iterator[str]:
        yield f"# Parity of {self.precision} ONNX with PyTorch"
        yield ""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        yield f"Checkpoint `{self.checkpoint}`, opset {self.opset}, {versions}, on {self.inputs}."
        yield ""
        yield from _rows(("file", "MB", "nodes", "SHA-256"), map(_file_cells, self.files))
        yield from _rows(("output", "batch", "largest", "mean", "share of largest value"), self._difference_cells())
        yield from _rows(("what", "worst", "mean", "allowed", "cases"), self._figure_cells())
        if self.regression is not None:
            yield f"Search results: {self.regression.text()}."
            yield ""
        yield from (f"- Refused: {refusal}" for refusal in self.refusals)
        yield "" if self.refusals else "Nothing is over the tolerance."

    def _difference_cells(self) -> Iterator[tuple[str, ...]]:
        for comparison in self.comparisons:
            for one in comparison.differences:
                figures = f"{one.largest:.2e}", f"{one.mean:.2e}", f"{one.relative:.1e}"
                yield (f"{comparison.network}: {one.output}", str(one.batch), *figures)

    def _figure_cells(self) -> Iterator[tuple[str, ...]]:
        for one in self.comparisons:
            if one.cosine is not None:
                figures = f"{one.cosine.worst:.6f}", f"{one.cosine.mean:.7f}", f">= {self.tolerance.cosine:g}"
                yield (f"{one.network}: cosine of part vectors", *figures, str(one.cosine.count))
                alone = str(one.alone), "", f"<= {self.tolerance.alone:.0%}", str(one.parts)
                yield (f"{one.network}: parts that one of the two sees", *alone)
            if one.landmarks is not None:
                figures = f"{one.landmarks.worst:.4f}", f"{one.landmarks.mean:.5f}", f"<= {self.tolerance.landmark:g}"
                yield (f"{one.network}: landmarks, crop pixels", *figures, str(one.landmarks.count))


def _file_cells(file: ExportedFile) -> tuple[str, ...]:
    return file.name, f"{file.size / 1e6:.2f}", str(file.nodes), file.digest


def _rows(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    cells = list(rows)
    if cells:
        yield "| " + " | ".join(heads) + " |"
        yield "|" + "---|" * len(heads)
        yield from ("| " + " | ".join(row) + " |" for row in cells)
        yield ""
