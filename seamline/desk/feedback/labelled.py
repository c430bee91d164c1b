"""Judged pairs as CSV, to calibrate probabilities and to train on.

`verdict`: 1 for a copy, 0 for none; pairs that nobody was sure of are left out. `source`: queue for suspects, case for
pairs that a person took into a case from a search, whose listing is the photo that was uploaded. Boxes: x0 y0 x1 y1 in
pixels of the upright photo. `similarity PART`: empty where not comparable.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from seamline.core.printable import csv_cell
from seamline.desk.casefile.chain import instant
from seamline.desk.queue.states import COPY

_IN_MEMORY = 16 << 20
_SIDES = (("original", "hit"), ("listing", "query"))
"""What the columns call the sides of a pair."""


@dataclass(frozen=True)
class Labelled:
    """A pair as of `Pair.to_data`, and what was said of it."""

    source: str
    pair: Mapping[str, Any]
    verdict: str
    who: str
    at: datetime


def write_csv(rows: Iterator[Labelled], parts: Sequence[str]) -> IO[bytes]:
    """A file at its beginning, which is gone once it is closed. `parts`: those that have a column."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # whoever sends it closes it
    text = io.TextIOWrapper(file, "utf-8", newline="")
    out = csv.writer(text)
    out.writerow([*_named_sides(), *(csv_cell(f"similarity {part}") for part in parts), *_SAID])
    for row in rows:
        out.writerow([*_sides(row.pair), *_similarities(row.pair, parts), *_said(row)])
    text.detach()
    file.seek(0)
    return file


_ABOUT = ("item", "photo", "sha256", "garment", "category", "box")
_SAID = ("score", "mirrored", "probability", "verdict", "who", "when", "source", "system", "fingerprint")


def _named_sides() -> list[str]:
    return [f"{name}_{about}" for about in _ABOUT for name, _ in _SIDES]


def _sides(pair: Mapping[str, Any]) -> Iterator[object]:
    for about in _ABOUT:
        for _, side in _SIDES:
            value = pair[side][about]
            yield " ".join(map(_number, value)) if about == "box" else csv_cell(value)


def _similarities(pair: Mapping[str, Any], parts: Sequence[str]) -> list[str]:
    found = {part["name"]: part["similarity"] for part in pair["parts"]}
    return [_number(found.get(part)) for part in parts]


def _said(row: Labelled) -> tuple[object, ...]:
    pair, versions = row.pair, row.pair["versions"]
    return (
        _number(pair["score"]),
        int(pair["mirrored"]),
        _number(pair["probability"]),
        int(row.verdict == COPY),
        csv_cell(row.who),
        instant(row.at),
        row.source,
        csv_cell(versions["system"]),
        csv_cell(versions["fingerprint"]),
    )


def _number(value: float | None) -> str:
    """Seven digits are all that the server states."""
    return "" if value is None else f"{value:.7g}"
