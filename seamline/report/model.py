"""What stands on the page, before any HTML.

Coordinates are pixels of the upright photo, x0, y0, x1, y1; corners as `seamline.core.box_corners` has them. A mark
says how a part compares: kept (at or above its threshold), changed (below it) or absent (not comparable).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["kept", "changed", "absent"]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Shape:
    """A box drawn over a photo, by its corners, with its label (`text` at `label`, a box) and colour."""

    corners: Corners
    label: Box
    text: str
    colour: str
    mark: Mark


@dataclass(frozen=True)
class Picture:
    """A photo with the boxes to draw over it.

    `uri`: the picture as a data URI, None where it cannot be shown; `missing` then says why. `width`,
    `height`: of the upright photo. `alert`: a sentence that a reader must see, such as that the file is no
    longer the indexed one.
    """

    heading: str
    alt: str
    width: int
    height: int
    uri: str | None
    missing: str
    alert: str
    shapes: tuple[Shape, ...]

    @property
    def stroke(self) -> float:
        """Width of a line that is equally visible on small and large photos."""
        return max(self.width, self.height) / 220


@dataclass(frozen=True)
class PartRow:
    """One part of a pair: its bar. `similarity` is None where it cannot be compared."""

    number: int
    name: str
    note: str
    colour: str
    similarity: float | None
    threshold: float
    mark: Mark


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts; `fixed` sets the value in a fixed-width face; `alert` marks it."""

    name: str
    value: str
    fixed: bool = False
    alert: bool = False


@dataclass(frozen=True)
class Sheet:
    """Two garments side by side.

    `figures` sum the pair up, `rows` are its parts, `facts` say where the photos come from.
    """

    heading: str
    left: Picture
    right: Picture
    figures: tuple[Fact, ...]
    rows: tuple[PartRow, ...]
    facts: tuple[Fact, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """The sheets that belong to one garment of the query photo."""

    heading: str
    sheets: tuple[Sheet, ...]
    empty: str


@dataclass(frozen=True)
class Entry:
    """One line of the list of hits; `section` and `sheet` count from 1 and say where the hit is shown.

    `called`: how the sheet is numbered where that is otherwise. `verdict`: what a person judged, None on a page that
    holds no verdicts.
    """

    section: int
    sheet: int
    item: str
    score: str
    probability: str
    finding: str
    called: str = ""
    verdict: str | None = None


@dataclass(frozen=True)
class Event:
    """One entry of a log: when, who, what was done, and the hash that the entry has in its chain. `exactly`: when, as
    the log has it."""

    number: int
    at: str
    who: str
    what: str
    digest: str
    exactly: str


@dataclass(frozen=True)
class Page:
    """The whole page. `origin`: what the figures were made with. `reading`: how they are to be read.

    `facts_heading`, `hits_heading` and `hit_heading` say what `facts` and `entries` are.
    """

    title: str
    summary: tuple[str, ...]
    entries: tuple[Entry, ...]
    overview: tuple[Picture, ...]
    facts: tuple[Fact, ...]
    origin: tuple[Fact, ...]
    sections: tuple[Section, ...]
    reading: tuple[str, ...]
    made: str
    timeline: tuple[Event, ...] = ()
    facts_heading: str = "Photos examined"
    hits_heading: str = "Hits"
    hit_heading: str = "Hit"
