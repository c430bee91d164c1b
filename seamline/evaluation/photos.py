"""Which photos an evaluation looks at, and what is known about them: points and boxes set by hand, silhouettes, street
garments, real pairs, and the copies that are made of originals."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from seamline.core.errors import BadOption
from seamline.data.label_file import Label
from seamline.data.landmark_labels import label_photo, photo_names
from seamline.data.street import TRAINING_PHOTOS
from seamline.evaluation.cache import mapped
from seamline.evaluation.copies import CopyPlan, PositiveCopy, make_copies
from seamline.evaluation.real_pairs import RealPairs, read_pairs

PAIRS, DETECTOR, LANDMARKS, RETRIEVAL = SECTIONS = ("pairs", "detector", "landmarks", "retrieval")
"""What can be measured: real pairs, the detector, landmarks and part boxes, and copies among all photos."""

CATALOGUE, OF_PAIRS, COPIED = "catalogue", "pairs", "copies"
ANNOTATED, GIVEN, HELD_OUT, STREET = "annotated", "annotated, boxes given", "held out", "street"
"""Names of sets of photos."""

LEAST_TRUST = 0.7
"""How far points and silhouette of a photo must be believed for copies to be made of it."""

Box = tuple[float, float, float, float]


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

    `only`: sections; `level`: of the copies; `catalogue`: names of the gallery's photos.
    """

    only: tuple[str, ...] = SECTIONS
    level: str = ""
    sets: Mapping[str, PhotoSet] = dataclasses.field(default_factory=dict)
    catalogue: tuple[str, ...] = ()
    pairs: RealPairs = dataclasses.field(default_factory=RealPairs)
    copies: tuple[PositiveCopy, ...] = ()
    annotated: tuple[Annotated, ...] = ()
    silhouettes: tuple[Label, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the catalogue, and of the pairs' photos that it lacks."""
        return (*self.catalogue, *(name for name in self.pairs.photos if name not in set(self.catalogue)))


def choose(options: Options, level: str, only: Sequence[str]) -> ChosenPhotos:
    """The photos of the sections `only`. What a folder has no photos for is left out.

    Raises BadOption where copies are wanted and `flatlay/validation` has no usable garments.
    """
    names = photo_names(options.photos)
    silhouettes = held_out(options, names) if {PAIRS, DETECTOR, RETRIEVAL} & set(only) else []
    originals = _originals(options, silhouettes)
    pairs = read_pairs(options.photos) if PAIRS in only else RealPairs()
    searched = RETRIEVAL in only or pairs.photos
    chosen = ChosenPhotos(
        only=tuple(only),
        level=level,
        catalogue=tuple(_catalogue(options, names, originals)) if searched else (),
        pairs=pairs,
        annotated=tuple(annotated(options.photos)) if {DETECTOR, LANDMARKS} & set(only) else (),
        silhouettes=tuple(silhouettes) if DETECTOR in only else (),
    )
    sets = _sets(options.photos, chosen)
    copies = _copies(options, originals, level) if RETRIEVAL in only else []
    sets[COPIED] = PhotoSet("garments of the copies", tuple(one.file for one in copies))
    there = {name: photos for name, photos in sets.items() if photos.files}
    return dataclasses.replace(chosen, copies=tuple(copies), sets=there)


def _sets(folder: Path, chosen: ChosenPhotos) -> dict[str, PhotoSet]:
    def files(names: Iterable[str]) -> tuple[Path, ...]:
        return tuple(folder / name for name in names)

    hand, marked = chosen.annotated, chosen.annotated if LANDMARKS in chosen.only else ()
    silhouettes = [one.photo for one in chosen.silhouettes]
    return {
        CATALOGUE: PhotoSet("garments of the gallery", files(chosen.catalogue)),
        OF_PAIRS: PhotoSet("garments of pairs", files(chosen.names[len(chosen.catalogue) :])),
        ANNOTATED: PhotoSet("garments of annotated photos", files(item.file for item in hand)),
        GIVEN: PhotoSet(
            "garments in known boxes", files(item.file for item in marked), tuple(item.box for item in marked)
        ),
        HELD_OUT: PhotoSet("garments of held-out photos", files(silhouettes), weak=True),
        STREET: PhotoSet(
            "garments of street photos", street_photos(folder) if DETECTOR in chosen.only else (), weak=True
        ),
    }


def _originals(options: Options, labels: Sequence[Label]) -> list[Label]:
    usable = trusted(labels)
    if options.queries is None or options.queries >= len(usable):
        return usable
    chosen = np.random.default_rng(options.seed).choice(len(usable), options.queries, replace=False)
    return [usable[int(index)] for index in np.sort(chosen)]


def _copies(options: Options, originals: Sequence[Label], level: str) -> list[PositiveCopy]:
    if not originals:
        raise BadOption(f"{options.photos} has no flatlay/validation/<class>/ with photos of garments that stand out")
    plan = CopyPlan(options.photos, options.cache, tuple(originals), level, options.copies, options.seed)
    return make_copies(plan, options.cache, options.processes)


def _catalogue(options: Options, names: list[str], originals: Sequence[Label]) -> list[str]:
    """All flat-lay photos, or so many of them, the originals always among them."""
    if options.gallery is None or options.gallery >= len(names):
        return names
    wanted = {label.photo for label in originals}
    others = [name for name in names if name not in wanted]
    most = max(0, options.gallery - len(wanted))
    chosen = np.random.default_rng(options.seed).choice(len(others), min(most, len(others)), replace=False)
    return sorted(wanted | {others[int(index)] for index in chosen})


def annotated(photos: Path) -> list[Annotated]:
    """The photos of `landmarks.json`; none where there is no such file."""
    return [
        Annotated(
            entry["file"],
            tuple(entry["bbox"]),
            {name: point and (point[0], point[1]) for name, point in entry["points"].items()},
        )
        for entry in _points_set_by_hand(photos / "landmarks.json")
    ]


def _points_set_by_hand(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


def held_out(options: Options, names: Iterable[str], least_trust: float = 0.5) -> list[Label]:
    """Labels of the validation photos among `names` with a trusted silhouette; segmentations are kept in the cache."""
    validation = [name for name in names if "/validation/" in name]
    found = mapped("silhouettes", _labeller, (options.photos, options.cache), validation, options.processes)
    return [label for label in found if label is not None and label.box_trust >= least_trust]


def _labeller(photos: Path, cache: Path) -> Callable[[str], Label | None]:
    cv2.setNumThreads(1)  # each process has a core of its own
    return partial(label_photo, photos, cache)


def trusted(labels: Iterable[Label]) -> list[Label]:
    """The labels whose points and silhouette are good enough to make copies of."""
    return [label for label in labels if min(label.trust, label.box_trust) >= LEAST_TRUST]


def street_photos(photos: Path) -> tuple[Path, ...]:
    """Street photos that no network was trained on."""
    files = sorted((photos / "street" / "images").glob("*.jpg"))
    return tuple(file for file in files if int(file.stem) > TRAINING_PHOTOS)
