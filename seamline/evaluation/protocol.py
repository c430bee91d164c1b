"""The search problem: queries, the gallery's photos, which of them are copies, and which only look alike.

Queries are photos of originals. The gallery is all photos with the copies among them; a query's own photo is left out
of its results. Everything is counted in photos: a photo scores as its best garment, a query is the strongest garment
of its photo.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.evaluation.cache import key_of, stored
from seamline.evaluation.colour import main_colours
from seamline.evaluation.copies import PositiveCopy
from seamline.evaluation.detections import DetectedPhotos

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

HARD_NEGATIVE_DISTANCE = 12.0
"""Distance in Lab up to which two main colours are the same at first sight."""


@dataclasses.dataclass(frozen=True)
class QueryGallery:
    """Q queries among P photos with n garments; the first photos are the catalogue's, the last ones the copies.

    `photo` (n,): each garment's photo; `category` (n,): what detection takes it for; `query_photo` (Q,);
    `query_garment` (Q,): row of the strongest garment of the query's photo, -1 where none was found; `relevant` (Q, P):
    the query's copies; `self_mask` (Q, P): its own photo; `hard_negative` (Q, P): photos of the same class of clothing
    in the same main colour that are no copies of it; `copies`: in the order of the photos.
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

    @property
    def queries(self) -> int:
        """How many queries there are."""
        return len(self.query_photo)

    @property
    def first_copy(self) -> int:
        """Index of the first photo that is a copy."""
        return self.photos - len(self.copies)

    def by_photo(self, scores: Floats) -> Floats:
        """Scores (n,) of garments -> scores (P,) of photos, -inf for a photo without any."""
        best = np.full(self.photos, -np.inf, np.float32)
        np.maximum.at(best, self.photo, scores)
        return best

    def best_garments(self, scores: Floats) -> Indices:
        """Row (P,) of each photo's garment with the best score, -1 for a photo without any."""
        rows = np.full(self.photos, -1, np.int64)
        order = np.argsort(scores, kind="stable")
        rows[self.photo[order]] = order  # the last one written is the best
        return rows


def query_gallery(
    names: Sequence[str], gallery: DetectedPhotos, copies: Sequence[PositiveCopy], copied: DetectedPhotos, cache: Path
) -> QueryGallery:
    """Queries are the originals that have copies; `names`: the gallery's photos as `PositiveCopy.original` has them."""
    place = {name: index for index, name in enumerate(names)}
    originals = list(dict.fromkeys(one.original for one in copies))
    query_photo = np.array([place[name] for name in originals], np.int64)
    photos = len(names) + len(copies)
    photo = np.concatenate([gallery.photo, copied.photo + len(names)])
    source = np.array([place[one.original] for one in copies], np.int64)
    relevant = np.zeros((len(originals), photos), bool)
    relevant[:, len(names) :] = query_photo[:, None] == source
    self_mask = query_photo[:, None] == np.arange(photos)
    garment = strongest(photo, query_photo)
    alike = _hard_negatives(names, copies, photo, query_photo, garment, _colours(gallery, copied, cache))
    category = {one.original: one.category for one in copies}
    return QueryGallery(
        photo, gallery.garments.categories + copied.garments.categories, photos, query_photo, garment,
        tuple(category[name] for name in originals), relevant, self_mask, alike & ~relevant & ~self_mask, tuple(copies),
    )  # fmt: skip


def strongest(photo: Indices, wanted: Indices) -> Indices:
    """Row of the first, which is the strongest, garment of each wanted photo, -1 where it has none."""
    rows = np.searchsorted(photo, wanted)
    found = photo[np.minimum(rows, len(photo) - 1)] == wanted if len(photo) else np.zeros(len(wanted), bool)
    return np.where(found, rows, -1)


def _colours(gallery: DetectedPhotos, copied: DetectedPhotos, cache: Path) -> Floats:
    def of(seen: DetectedPhotos) -> Floats:
        name = f"colours-{key_of(seen.key, 'v1')}"
        return np.asarray(stored(cache, name, lambda: {"lab": main_colours(seen.garments)})["lab"], np.float32)

    return np.concatenate([of(gallery), of(copied)])


def _hard_negatives(
    names: Sequence[str],
    copies: Sequence[PositiveCopy],
    photo: Indices,
    query_photo: Indices,
    query_garment: Indices,
    colours: Floats,
) -> Flags:
    """Same class of clothing, as the folders of the photos name it, and main colours of the strongest garments."""
    classes = np.array(
        [*(Path(name).parent.name for name in names), *(Path(one.original).parent.name for one in copies)]
    )
    rows = strongest(photo, np.arange(len(classes)))
    colour = np.where(rows[:, None] >= 0, colours[rows], np.inf)
    alike = classes[query_photo][:, None] == classes
    for query, row in enumerate(query_garment):
        near = np.linalg.norm(colour - colours[row], axis=-1) <= HARD_NEGATIVE_DISTANCE if row >= 0 else False
        alike[query] &= near
    return alike
