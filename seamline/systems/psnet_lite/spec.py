"""The shipped system's own numbers in `spec.json`: PS-Net's, and those of the garment's own vector."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar, Self

from seamline.core.parts import ANY_CATEGORY, WHOLE_NAMES, Parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.spec import LABELS, MIRRORED, REGIONS, PSNetSpec

PART_NAMES = (*REGIONS, *WHOLE_NAMES)

GRID = "GRID"
"""The encoder's output that goes straight to the head."""

_WHOLE_LABELS = ("whole garment", "details of the whole")


def lite_parts(dimension: int) -> Parts:
    """The five regions and the two of the garment as a whole, with vectors of `dimension` numbers."""
    spoken = {ANY_CATEGORY: tuple(name.replace("_", " ") for name in REGIONS), **LABELS}
    labels = {category: (*row, *_WHOLE_LABELS) for category, row in spoken.items()}
    return Parts(PART_NAMES, (*MIRRORED, *range(len(REGIONS), len(PART_NAMES))), dimension, labels)


@dataclasses.dataclass(frozen=True)
class GridSpec:
    """The grid's channels, rows and columns."""

    channels: int = 384
    rows: int = 3
    columns: int = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class PSNetLiteSpec(PSNetSpec):
    """PS-Net's spec with the section `grid`, and with the parts of the garment as a whole."""

    grid: GridSpec = GridSpec()
    part_names: ClassVar[tuple[str, ...]] = PART_NAMES

    def __post_init__(self) -> None:
        object.__setattr__(self, "network", {**self.network, "grid": dataclasses.asdict(self.grid)})
        super().__post_init__()

    @classmethod
    def of(cls, spec: Spec) -> Self:
        """Read the sections `encoder`, `regions` and `grid`. Raises KeyError, TypeError and ValueError."""
        read = PSNetSpec.of(spec)
        shared = {field.name: getattr(read, field.name) for field in dataclasses.fields(PSNetSpec)}
        return cls(**shared, grid=GridSpec(**spec.network["grid"]))

    def own_problems(self) -> Iterator[str]:
        """PS-Net's, and sizes of the grid that are none."""
        yield from super().own_problems()
        for name, value in dataclasses.asdict(self.grid).items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                yield f"grid.{name} is {value!r} and should be a whole number above 0"

    def own_tensors(self) -> dict[str, tuple[int, ...]]:
        """What passes between the two networks."""
        return {**super().own_tensors(), GRID: (self.grid.channels, self.grid.rows, self.grid.columns)}


def default_spec() -> PSNetLiteSpec:
    """What training starts from; it replaces calibration and thresholds by what it measured."""
    shared = {field.name: getattr(DEFAULT_SPEC, field.name) for field in dataclasses.fields(PSNetSpec)}
    parts = lite_parts(DEFAULT_SPEC.encoder.dimension)
    own = {"system": "psnet_lite", "parts": parts, "scoring": ScoringSpec.of_parts(len(parts))}
    return PSNetLiteSpec(**{**shared, **own})
