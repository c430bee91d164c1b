"""The photos of an evaluation, and what is known about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from seamline.data.copies import CROSS as CROSS_LEVEL
from seamline.data.copies import WORN as WORN_LEVEL
from seamline.data.label_file import Label
from seamline.data.street_landmarks import WornGarment
from seamline.evaluation.copies import PositiveCopy
from seamline.evaluation.real_pairs import RealPairs
from seamline.evaluation.street_items import StreetItem
from seamline.evaluation.turned_photos import TurnedPhoto

PAIRS, DETECTOR, LANDMARKS, RETRIEVAL, WORN, CROSS, ROTATION = SECTIONS = (
    "pairs", "detector", "landmarks", "retrieval", WORN_LEVEL.name, CROSS_LEVEL.name, "rotation",
)  # fmt: skip
"""What can be measured: real pairs, the detector, landmarks and part boxes, copies of flat-lay photos among all photos,
copies of garments on people, flat garments put on people, and photos turned round."""

SEARCHES = frozenset({PAIRS, RETRIEVAL, WORN, CROSS, ROTATION})
"""Sections that search among all flat-lay photos."""

CATALOGUE, OF_PAIRS, WORN_ITEMS, TURNED = "catalogue", "pairs", "garments on people", "turned"
ANNOTATED, GIVEN, HELD_OUT, STREET = "annotated", "annotated, boxes given", "held out", "street"
WORN_GIVEN = "annotated on people, boxes given"
"""Names of sets of photos; `copied` names those of copies."""

Box = tuple[float, float, float, float]


def copied(level: str) -> str:
    """The name of the set of the copies of a level."""
    return f"copies, {level}"


@dataclasses.dataclass(frozen=True)
class Options:
    """What is measured on. `copies`: of each original; `queries`, `gallery`: at most so many originals and photos."""

    photos: Path
    cache: Path
    copies: int = 3
    seed: int = 0
    processes: int = 2
    queries: int | None = None
    gallery: int | None = None


@dataclasses.dataclass(frozen=True)
class PhotoSet:
    """Photos whose garments are wanted; `what`: for the progress bar. `boxes`: the one garment of each, where it is
    known. `weak`: detections far below the threshold too, and no crops."""

    what: str
    files: tuple[Path, ...]
    boxes: tuple[Box, ...] | None = None
    weak: bool = False


@dataclasses.dataclass(frozen=True)
class Annotated:
    """A photo with points set by hand: x, y, or None where a point does not exist or cannot be seen."""

    file: str
    box: Box
    points: Mapping[str, tuple[float, float] | None]

    @property
    def diagonal(self) -> float:
        """Of the box, in pixels."""
        return float(np.hypot(self.box[2] - self.box[0], self.box[3] - self.box[1]))


@dataclasses.dataclass(frozen=True)
class ChosenPhotos:
    """Sets of photos by name, and the ground truth of each in its order.

    `only`: sections; `catalogue`: names of the gallery's photos; `items`: garments on people that are searched among
    them; `copies`: by level; `worn`: garments on people with points set by hand; `refused`: a sentence for each entry
    that could not be used.
    """

    only: tuple[str, ...] = SECTIONS
    sets: Mapping[str, PhotoSet] = dataclasses.field(default_factory=dict)
    catalogue: tuple[str, ...] = ()
    items: tuple[StreetItem, ...] = ()
    pairs: RealPairs = dataclasses.field(default_factory=RealPairs)
    copies: Mapping[str, tuple[PositiveCopy, ...]] = dataclasses.field(default_factory=dict)
    annotated: tuple[Annotated, ...] = ()
    worn: tuple[WornGarment, ...] = ()
    silhouettes: tuple[Label, ...] = ()
    turned: tuple[TurnedPhoto, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the catalogue, and of the pairs' photos that it lacks."""
        return (*self.catalogue, *(name for name in self.pairs.photos if name not in set(self.catalogue)))
