"""Training labels as JSON Lines: one garment a line.

Left and right are the picture's. Points and boxes are in the photo's own pixels, upright; a point that the garment
does not have, or that is not known, is null. Points that exist but are not known are named in `unsure`, so that
training can leave them out instead of learning their absence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from seamline.core.output_files import output_file

Point = tuple[float, float]


@dataclass(frozen=True)
class Label:
    """One garment in one photo.

    `photo`, `mask`: paths, relative to the folder of photos and to the label file; absolute ones stand for
    themselves. `source`: "silhouette", "drawn", "street" or the name of a published dataset. `trust`: 0..1, how far the
    points can be believed; `box_trust`: the same for box and mask. `item`: photos of one product have the same; None
    where it is not known.
    """

    photo: str
    width: int
    height: int
    box: tuple[float, float, float, float]
    category: str
    points: Mapping[str, Point | None]
    source: str
    mask: str | None = None
    trust: float = 1.0
    box_trust: float = 1.0
    unsure: tuple[str, ...] = field(default=())
    item: str | None = None

    def to_line(self) -> str:
        """The label as one line of JSON."""
        data = asdict(self)
        if self.item is None:
            del data["item"]
        return json.dumps(_rounded(data), ensure_ascii=False)

    @classmethod
    def from_line(cls, line: str) -> Label:
        """Read one line. Raises KeyError or ValueError when it is not a label."""
        data = json.loads(line)
        x0, y0, x1, y1 = (float(value) for value in data["box"])
        points = {name: point and (float(point[0]), float(point[1])) for name, point in data["points"].items()}
        trust = float(data.get("trust", 1.0))
        return cls(
            data["photo"], int(data["width"]), int(data["height"]), (x0, y0, x1, y1), data["category"], points,
            data["source"], data.get("mask"), trust, float(data.get("box_trust", trust)), tuple(data.get("unsure", ())),
            data.get("item"),
        )  # fmt: skip


def read_labels(path: Path, least_trust: float = 0.0) -> Iterator[Label]:
    """Labels of a file whose points can be trusted that far. A last line cut short by an interruption is left out."""
    for label in _whole_lines(path):
        if label.trust >= least_trust:
            yield label


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    """Replace a file by these labels. Raises BadOption where it cannot be written."""
    with output_file(path) as file:
        file.writelines(f"{label.to_line()}\n".encode() for label in labels)


def _whole_lines(path: Path) -> Iterator[Label]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield Label.from_line(line)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
