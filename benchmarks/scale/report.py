"""The tables, as text for people and Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.scale.fidelity import SimilarityFigure

Row = Sequence[str]


def markdown(head: Row, rows: Iterable[Row]) -> str:
    """A table."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def similarity_table(figures: Sequence[SimilarityFigure]) -> str:
    """The similarities to real against those to synthetic garments."""
    rows = [
        [figure.name, ", ".join(f"{100 * at:.0f} %" for at in figure.at) or "-", _values(figure.real),
         _values(figure.synthetic)]
        for figure in figures
    ]  # fmt: skip
    return markdown(("figure", "quantiles", "real", "synthetic"), rows)


def build_table(built: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """What filling the server took."""
    rows = [
        [f"{name}, {note['rows']:,}", *(_part(note[part]) for part in ("insert", "index", "load")),
         _gigabytes(note["load"]["memory"]), _gigabytes(note["peak"]), _gigabytes(note["disk"])]
        for name, note in built
    ]  # fmt: skip
    head = ("index, garments", "insert, s (CPU s)", "index", "load", "memory, loaded", "memory, most", "disk")
    return markdown(head, rows)


def search_table(measured: Sequence[dict[str, Any]]) -> str:
    """What searches took and found."""
    rows = [
        [f"{row['plan']}", row["engine"], f"{row['size']:,}", f"{row['p50']:.1f}", f"{row['p99']:.1f}",
         f"{row['per_second']:.1f}", f"{row['recall']:.4f}"]
        for row in measured
    ]  # fmt: skip
    return markdown(("search", "engine", "garments", "p50, ms", "p99, ms", "searches/s", "exact top 20 found"), rows)


def growth_table(measured: Sequence[dict[str, Any]]) -> str:
    """p50 of every engine at each size over that at its smallest in the same run."""
    rows: list[Row] = []
    for plan, engine, run in dict.fromkeys(map(_measurement, measured)):
        found = sorted((row["size"], row["p50"]) for row in measured if _measurement(row) == (plan, engine, run))
        rows.extend([plan, engine, f"{size:,}", f"{p50 / found[0][1]:.2f}"] for size, p50 in found[1:])
    return markdown(("search", "engine", "garments", "p50 over that of the smallest"), rows)


def _measurement(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["plan"], row["engine"], row.get("run", "")


def _values(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def _part(lap: dict[str, float]) -> str:
    return f"{lap['seconds']:.0f} ({lap['cpu_seconds']:.0f})"


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:.2f} GB"
