"""Views of garments that people wear in street photos, with nothing known but their boxes; kept in a store."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from seamline.core.errors import SeamlineError
from seamline.core.image import decode
from seamline.core.spec import CropSpec
from seamline.data.pixel_labels import read_pixel_labels
from seamline.data.street import TRAINING_PHOTOS, StreetPhoto, garments, read_names, street_photos
from seamline.training.boxed_garments import boxed_view
from seamline.training.progress import tracked
from seamline.training.views import StoredView, ViewStore, cached_views

_MOST_PER_PHOTO = 12


def build_people_store(photos: Path, folder: Path, without: Collection[str] = ()) -> ViewStore | None:
    """The garments of PHOTOS/street/ that train networks in `folder`, made there unless they are there already; each
    is an original of its own. `without`: photos, named from `photos`, that do not count. One that cannot be read, or
    whose labels have another size, is left out and named on standard error. None where there are no such photos."""
    found = street_photos(photos / "street") if (photos / "street").is_dir() else []
    found = [photo for photo in found if photo.image.relative_to(photos).as_posix() not in without]
    chosen = [photo for photo in found if photo.number <= TRAINING_PHOTOS]
    if not chosen:
        return None
    names = read_names(photos / "street" / "label_names.txt")
    key = f"people {[photo.number for photo in chosen]} {CropSpec()}"
    return cached_views(folder, key, len(chosen) * _MOST_PER_PHOTO, lambda: enumerate(_views(chosen, names)))


def _views(chosen: list[StreetPhoto], names: dict[str, int]) -> Iterator[StoredView]:
    for photo in tracked("people", chosen, len(chosen)):
        try:
            yield from list(_of_photo(photo, names))
        except (ValueError, OSError, SeamlineError) as error:
            print(f"left out: {photo.image.name}: {error}", file=sys.stderr)


def _of_photo(photo: StreetPhoto, names: dict[str, int]) -> Iterator[StoredView]:
    """Raises ValueError for labels of another size than the photo."""
    rgb = decode(photo.image.read_bytes()).rgb
    labels = read_pixel_labels(photo.labels, (rgb.shape[1], rgb.shape[0]))
    for garment in garments(labels, names)[:_MOST_PER_PHOTO]:
        yield boxed_view(rgb, garment.box, garment.category)
