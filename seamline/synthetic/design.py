"""A garment's design: everything that a copy repeats, and nothing that a photo adds.

Lengths are centimetres of the garment laid flat. Trousers, shorts and skirts keep in the five regions' places:
collar = waistband, chest = hips, waist = lower part, left and right sleeve = left and right leg or half.
"""

from __future__ import annotations

import dataclasses

Colour = tuple[int, int, int]
"""8-bit sRGB."""


@dataclasses.dataclass(frozen=True)
class Fabric:
    """Cloth: a pattern in colours, on a weave. `period`: cm between repeats of the pattern."""

    pattern: str
    colours: tuple[Colour, ...]
    period: float = 3.0
    weave: str = "jersey"
    seed: int = 0

    @property
    def main(self) -> Colour:
        """The colour that covers most."""
        return self.colours[0]


@dataclasses.dataclass(frozen=True)
class Print:
    """A picture on the cloth. `width` in cm; `place`: centre as shares of the chest's half width and its height."""

    kind: str
    colours: tuple[Colour, ...]
    width: float
    place: tuple[float, float] = (0.0, 0.5)
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Cut:
    """Half widths and heights of the body; y counts from the neck's ends (or from the waistband) downwards."""

    shoulder: tuple[float, float]
    armpit: tuple[float, float]
    waist: tuple[float, float]
    hip: tuple[float, float]
    hem: tuple[float, float]


PRINT_TOP = 6.0
"""Where the room for a print starts, in cm below the neck; the same for every neckline, which a copy may change."""

BODICE_TOP = 0.42
"""Where a sling's bodice starts, as a share of the way from the straps' top down to the armpits."""


@dataclasses.dataclass(frozen=True)
class Collar:
    """Neckline or waistband. `half` is half the neck opening, `depth` the front's depth, `band` the trim's width."""

    kind: str
    half: float
    depth: float
    band: float
    trim: Fabric


@dataclasses.dataclass(frozen=True)
class Chest:
    """Front above the waist: cloth, print and what is sewn on. `extra`: none, pocket, pockets, yoke, stripe, ..."""

    fabric: Fabric
    print: Print | None
    extra: str
    accent: Fabric


@dataclasses.dataclass(frozen=True)
class Waist:
    """Front from the waist down. `hem_drop` lengthens the garment; `finish` is how the hem ends."""

    fabric: Fabric
    finish: str
    extra: str
    accent: Fabric
    hem_drop: float = 0.0
    print: Print | None = None


@dataclasses.dataclass(frozen=True)
class Sleeve:
    """One sleeve or leg. `length` and `opening` in cm; `extra`: none, stripes, side, band, bands, lower"""

    kind: str
    length: float
    opening: float
    finish: str
    fabric: Fabric
    extra: str
    accent: Fabric
    print: Print | None = None


@dataclasses.dataclass(frozen=True)
class Design:
    """A whole garment. `closure`: none, buttons, zip, snaps, wrap; `lining` is seen inside."""

    category: str
    cut: Cut
    collar: Collar
    chest: Chest
    waist: Waist
    left_sleeve: Sleeve
    right_sleeve: Sleeve
    closure: str
    lining: Fabric
    metal: Colour
    padding: str = "none"
