"""What a laid-out garment consists of: pieces of cloth, seams, studs and prints, from the lowest to the uppermost."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.synthetic.curves import Points
from seamline.synthetic.design import Colour, Fabric, Print


@dataclasses.dataclass(frozen=True)
class Frame:
    """Where cloth coordinates start and how far they are turned (radians, clockwise in the picture)."""

    origin: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0

    @property
    def along(self) -> Points:
        """Unit vector of the cloth's length (down a body, along a sleeve)."""
        return np.array([-np.sin(self.turn), np.cos(self.turn)])

    @property
    def across(self) -> Points:
        """Unit vector of the cloth's width."""
        return np.array([np.cos(self.turn), np.sin(self.turn)])

    def at(self, u: float, v: float) -> tuple[float, float]:
        """The garment's point at cloth coordinates (u, v)."""
        point = np.array(self.origin) + u * self.across + v * self.along
        return float(point[0]), float(point[1])


BODY = Frame()


@dataclasses.dataclass(frozen=True)
class Panel:
    """A closed outline of cloth.

    `relief` names the field of folds that it takes on; "" leaves what lies below. `lift`: thickness in cm, which
    gives it an edge and a shadow; 0 is printed on or continues its neighbour. `tint` darkens the inside of a garment.
    """

    region: str
    outline: Points
    fabric: Fabric
    frame: Frame = BODY
    relief: str = ""
    lift: float = 0.0
    tint: float = 1.0


@dataclasses.dataclass(frozen=True)
class Seam:
    """A line on cloth: a groove of `depth` cm, in `colour` if it has one, dashed where it is stitching."""

    region: str
    path: Points
    width: float = 0.25
    colour: Colour | None = None
    dashed: bool = False
    depth: float = 0.04


@dataclasses.dataclass(frozen=True)
class Stud:
    """A button, a snap or an eyelet; sizes in cm."""

    region: str
    centre: tuple[float, float]
    radius: float
    colour: Colour
    holes: bool = True


@dataclasses.dataclass(frozen=True)
class Decal:
    """A print on cloth, centred at a point of the garment, turned with `frame`, at most `room` cm high."""

    region: str
    print: Print
    centre: tuple[float, float]
    frame: Frame = BODY
    room: float = 60.0


Piece = Panel | Seam | Stud | Decal


@dataclasses.dataclass(frozen=True)
class Flounce:
    """Waves of a full skirt: `count` a side, from none at `start` to deepest at `end`, each (v, half width) in cm."""

    count: float
    start: tuple[float, float]
    end: tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Relief:
    """A field of folds in cloth coordinates: its frame, its extent (u0, v0, u1, v1) in cm and where creases start."""

    frame: Frame
    extent: tuple[float, float, float, float]
    anchors: tuple[tuple[float, float], ...] = ()
    flounce: Flounce | None = None


@dataclasses.dataclass(frozen=True)
class Layout:
    """A garment on the ground, in cm: pieces in drawing order, landmarks, fields of folds by name."""

    pieces: tuple[Piece, ...]
    landmarks: dict[str, tuple[float, float]]
    reliefs: dict[str, Relief]
