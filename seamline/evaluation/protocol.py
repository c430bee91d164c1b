"""The search problem: queries, the gallery's photos, which of them are copies, and which only look alike.

Queries are photos of originals, of real pairs, or turned photos. The gallery is all photos, with the copies among them;
a query's own photo is left out of its results. Look-alikes have the same main colour at first sight. Everything is
counted in photos: a photo scores as its best garment, a query is the strongest garment of its photo. A garment on a
person, whose box is known, counts as a photo of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.evaluation.copies import PositiveCopy
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.look_alikes import hard_negatives, strongest
from seamline.evaluation.photos import (
    CATALOGUE,
    CROSS,
    OF_PAIRS,
    ROTATION,
    TURNED,
    WORN,
    WORN_ITEMS,
    ChosenPhotos,
    copied,
)
from seamline.evaluation.real_pairs import Group
from seamline.evaluation.street_items import CLASSES, StreetItem, photo_of
from seamline.evaluation.turned_photos import TurnedPhoto

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

SAME_ITEM, OTHER_COLOUR = "the same garment", "in another colour"
"""Names of search problems of real pairs; those of copies are called after their level."""


@dataclasses.dataclass(frozen=True)
class QueryGallery:
    """Q queries among P photos with n garments; the first photos are the catalogue's, the last ones the copies.

    `photo` (n,): each garment's photo; `category` (n,): what detection takes it for; `query_photo` (Q,);
    `query_garment` (Q,): row of the strongest garment of the query's photo, -1 where none was found; `relevant` (Q, P):
    what it should find; `self_mask` (Q, P): its own photo and others that do not count; `hard_negative` (Q, P): photos
    of the same class of clothing in the same main colour that are no copies of it; `copies`: in the order of the
    photos; `sets`: names of the sets of photos, in their order; `name`: for titles, of copies
    their level.
    """

    photo: Indices
    category: tuple[str, ...]
    photos: int
    query_photo: Indices
    query_garment: Indices
    query_category: tuple[str, ...]
    relevant: Flags
    self_mask: Flags
    hard_negative: Flags
    copies: tuple[PositiveCopy, ...]
    sets: tuple[str, ...] = ()
    name: str = ""

    def title(self, what: str) -> str:
        """A section's title."""
        return f"{self.name}: {what}"

    @property
    def queries(self) -> int:
        """How many queries there are."""
        return len(self.query_photo)

    @property
    def first_copy(self) -> int:
        """Index of the first photo that is a copy."""
        return self.photos - len(self.copies)


def query_galleries(photos: ChosenPhotos, detected: Mapping[str, DetectedPhotos]) -> dict[str, QueryGallery]:
    """The search problems of the chosen photos: real pairs, copies by level, and turned photos, where there are any."""
    found = {}
    if photos.pairs.photos:
        for name, wanted, others in (
            (SAME_ITEM, photos.pairs.same_item, photos.pairs.other_colour),
            (OTHER_COLOUR, photos.pairs.other_colour, photos.pairs.same_item),
        ):
            sets = [name for name in (CATALOGUE, OF_PAIRS) if name in detected]
            problem = problem_of_pairs(photos.names, wanted, (*others, *photos.pairs.uncounted), sets, detected)
            found[name] = dataclasses.replace(problem, name=f"real pairs: {name}")
    for level, copies in photos.copies.items():
        items = photos.items if level in (WORN, CROSS) else ()
        problem = problem_of_copies(photos.catalogue, items, copies, copied(level), detected)
        found[level] = dataclasses.replace(problem, name=level)
    if photos.turned:
        found[ROTATION] = problem_of_turned(photos.catalogue, photos.turned, detected)
    return found


def problem_of_pairs(
    names: Sequence[str],
    groups: Sequence[Group],
    uncounted: Sequence[Group],
    sets: Sequence[str],
    detected: Mapping[str, DetectedPhotos],
) -> QueryGallery:
    """Every photo of a group is a query, and the others of its groups are relevant; those that an `uncounted` group
    names beside it are left out as its own photo is."""
    asked = {name for group in groups for name in group}
    query_photo = np.array([place for place, name in enumerate(names) if name in asked], np.int64)
    photo, categories = _garments(sets, detected)
    garment = strongest(photo, query_photo)
    own = query_photo[:, None] == np.arange(len(names))
    relevant = _together(names, groups)[query_photo] & ~own
    return QueryGallery(
        photo, categories, len(names), query_photo, garment,
        tuple(categories[row] if row >= 0 else "" for row in garment), relevant,
        own | (_together(names, uncounted)[query_photo] & ~relevant), np.zeros_like(relevant), (), tuple(sets),
    )  # fmt: skip


def _together(names: Sequence[str], groups: Sequence[Group]) -> Flags:
    """Which two photos (P, P) a group names both."""
    place = {name: index for index, name in enumerate(names)}
    flags = np.zeros((len(names), len(names)), bool)
    for group in groups:
        members = [place[name] for name in group if name in place]
        flags[np.ix_(members, members)] = True
    return flags


def problem_of_copies(
    catalogue: Sequence[str],
    items: Sequence[StreetItem],
    copies: Sequence[PositiveCopy],
    name_of_copies: str,
    detected: Mapping[str, DetectedPhotos],
) -> QueryGallery:
    """Queries are the originals that have copies: photos of the `catalogue`, or the garments on people `items`, each
    of which counts as a photo. Whatever else is in a query's photo counts neither for nor against."""
    names = [*catalogue, *(item.name for item in items)]
    place = {name: index for index, name in enumerate(names)}
    originals = list(dict.fromkeys(one.original for one in copies))
    query_photo = np.array([place[name] for name in originals], np.int64)
    sets = (CATALOGUE, *([WORN_ITEMS] if items else []), name_of_copies)
    photo, categories = _garments(sets, detected)
    photos = len(names) + len(copies)
    source = np.array([place[one.original] for one in copies], np.int64)
    relevant = np.zeros((len(originals), photos), bool)
    relevant[:, len(names) :] = query_photo[:, None] == source
    files = np.array([photo_of(name) for name in (*names, *(one.original for one in copies))])
    self_mask = (files[query_photo][:, None] == files) & ~relevant
    garment = strongest(photo, query_photo)
    category = {one.original: one.category for one in copies}
    crops = [detected[one].garments.crops for one in sets]
    of_names = [*(Path(name).parent.name for name in catalogue), *(CLASSES[item.category] for item in items)]
    classes = np.array([*of_names, *(of_names[place] for place in source)])
    alike = hard_negatives(classes, photo, query_photo, garment, crops)
    return QueryGallery(
        photo, categories, photos, query_photo, garment, tuple(category[name] for name in originals), relevant,
        self_mask, alike & ~relevant & ~self_mask, tuple(copies), sets,
    )  # fmt: skip


def problem_of_turned(
    names: Sequence[str], turned: Sequence[TurnedPhoto], detected: Mapping[str, DetectedPhotos]
) -> QueryGallery:
    """Turned photos are queries, among all photos as they are; each should find itself."""
    sets = (CATALOGUE, TURNED)
    photo, categories = _garments(sets, detected)
    query_photo = len(names) + np.arange(len(turned))
    garment = strongest(photo, query_photo)
    place = np.arange(len(names) + len(turned))
    own = np.array([names.index(one.original) for one in turned], np.int64)
    relevant = own[:, None] == place
    return QueryGallery(
        photo, categories, len(place), query_photo, garment,
        tuple(categories[row] if row >= 0 else "" for row in garment), relevant,
        np.broadcast_to(place >= len(names), relevant.shape), np.zeros_like(relevant), (), sets, ROTATION,
    )  # fmt: skip


def _garments(sets: Sequence[str], detected: Mapping[str, DetectedPhotos]) -> tuple[Indices, tuple[str, ...]]:
    """Photo (n,) and category of every garment of several sets, whose photos are counted on from set to set."""
    firsts = np.cumsum([0, *(len(detected[one].files) for one in sets)])
    photo = np.concatenate([detected[one].photo + first for one, first in zip(sets, firsts[:-1], strict=True)])
    return photo, tuple(name for one in sets for name in detected[one].garments.categories)
