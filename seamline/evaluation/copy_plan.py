"""Which copies a benchmark makes, and what names them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from seamline.data.copies import CROSS, LEVELS, WORN, Level
from seamline.data.copies.worn import SOURCE, garment_name
from seamline.data.label_file import Label
from seamline.evaluation.cache import key_of
from seamline.evaluation.code_key import code_key
from seamline.evaluation.street_items import item_name

SOURCES, BACKGROUNDS = 10, 4
"""Other garments and backgrounds that a copy may take from, drawn for each original."""

_CODE = ("seamline.data.copies.generator", "seamline.data.copies.background", "seamline.data.copies.originals")
_CROSS_CODE = ("seamline.data.copies.cross",)
"""Modules that decide what pixels a copy has."""
_LEVELS = "seamline.data.copies.levels"
"""Of its numbers those of the plan's own level count, and they are named."""

_ON_PEOPLE = {WORN.name: WORN, CROSS.name: CROSS}


def level_named(name: str) -> Level:
    """A level of flat copies, or of copies on people. Raises KeyError for any other."""
    return _ON_PEOPLE.get(name) or LEVELS[name]


@dataclasses.dataclass(frozen=True)
class CopyPlan:
    """Which copies: `count` of each original, of one level and seed.

    `folder` holds the masks that labels name; `regions`: how many are redesigned, by default as the level says; `worn`:
    garments on people, in whose place the copies are worn if there are any.
    """

    photos: Path
    folder: Path
    originals: tuple[Label, ...]
    level: str
    count: int
    seed: int
    regions: int | None = None
    worn: tuple[Label, ...] = ()

    def key(self) -> str:
        """Names everything that the pixels depend on, the generator's own code included."""
        code = code_key(*_CODE, *(_CROSS_CODE if self.worn else ()), but=_LEVELS)
        lines = [label.to_line() for label in (*self.originals, *self.worn)]
        return key_of(
            code, level_named(self.level), self.level, self.count, self.seed, self.regions, SOURCES, BACKGROUNDS,
            *lines,
        )  # fmt: skip


def name_of(label: Label) -> str:
    """The name of an original in the gallery: that of its photo, or of its place in a photo that shows several."""
    return item_name(label.photo, garment_name(label)) if label.source == SOURCE else label.photo
