"""Crops of garments on people, to learn landmarks from."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seamline.core.image import crop_square
from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Label
from seamline.data.pixel_labels import read_pixel_labels
from seamline.data.street import OUTERWEAR, read_names
from seamline.data.street_landmarks import FILE, HIDDEN, WornGarment
from seamline.systems.psnet_lite.worn_labels import held_out, label_of, marked_garments, street_labels
from seamline.training.cache import fill_once, open_memmap
from seamline.training.crops import MARGIN, OCCLUDED, SIDE, CropStore, build_store
from seamline.training.progress import tracked

_COVERS = ("accessories", "bag", "glasses", "gloves", "hair", "hat", "purse", "scarf", "skin", "wallet")
"""What lies on garments, by its name in the pixel labels; on all but outerwear, outerwear does too."""


@dataclasses.dataclass(frozen=True)
class WornCrops:
    """Crops of worn garments: `garments` with the garment as mask; `covers`, the same crops with hair, skin, bags,
    jackets and the like as mask."""

    garments: CropStore
    covers: CropStore

    def __len__(self) -> int:
        return len(self.garments)


@dataclasses.dataclass(frozen=True)
class People:
    """`marked`: garments with points set by hand; `street`: all garments of the street photos to learn from, whose
    points are UNSURE, or ABSENT where their kind lacks them; `development`: marked ones that are not learnt from, nor
    is anything else of their photos."""

    marked: WornCrops
    street: WornCrops
    development: CropStore


def has_people(photos: Path) -> bool:
    """Whether a folder of photos has landmarks of garments on people."""
    return (photos / FILE).is_file()


def people(photos: Path, work: Path, further: Path | None = None) -> People:
    """The crops of a folder of photos, made in `work` unless they are there already; `further`: a file that marks more
    garments of them to learn from, where street_landmarks.jsonl does not. Raises NotFound."""
    marked = marked_garments(photos)
    development = held_out(marked)
    apart = {garment.file for garment in development}
    known = {(garment.file, garment.label) for garment in marked}
    more = () if further is None else marked_garments(photos, further)
    added = [garment for garment in more if (garment.file, garment.label) not in known]
    learnt = [garment for garment in (*marked, *added) if garment.file not in apart]
    street = [label for label in street_labels(photos, work / "masks") if label.photo not in apart]
    return People(
        _marked(learnt, photos, work / "marked"),
        _with_covers(street, photos, work / "street"),
        _marked(development, photos, work / "development").garments,
    )


def _marked(garments: Sequence[WornGarment], photos: Path, folder: Path) -> WornCrops:
    crops = _with_covers([label_of(garment, folder / "masks") for garment in garments], photos, folder)
    state = crops.garments.state.copy()
    for row, garment in enumerate(garments):
        hidden = [garment.visible.get(name) == HIDDEN for name in LANDMARKS]
        state[row, hidden] = OCCLUDED
    return dataclasses.replace(crops, garments=dataclasses.replace(crops.garments, state=state))


def _with_covers(labels: Sequence[Label], photos: Path, folder: Path) -> WornCrops:
    garments = build_store(labels, photos, folder, folder)
    digest = hashlib.sha256("\n".join([*_COVERS, *sorted(OUTERWEAR), *(one.to_line() for one in labels)]).encode())
    covers = folder / "covers"
    fill_once(covers, digest.hexdigest(), lambda: _fill_covers(labels, photos, covers))
    masks = np.load(covers / "masks.npy", mmap_mode="r")
    return WornCrops(garments, dataclasses.replace(garments, masks=masks))


def _fill_covers(labels: Sequence[Label], photos: Path, folder: Path) -> None:
    names = read_names(photos / "street" / "label_names.txt")
    masks = open_memmap(folder / "masks.npy", "w+", np.uint8, (len(labels), SIDE, SIDE))
    for row, label in enumerate(tracked("covers", labels, len(labels))):
        file = photos / "street" / "labels" / f"{Path(label.photo).stem}.png"
        above = _COVERS if label.category.endswith("outwear") else (*_COVERS, *OUTERWEAR)
        values = [names[name] for name in above if name in names]
        covers = np.isin(read_pixel_labels(file, (label.width, label.height)), values).astype(np.uint8) * 255
        masks[row] = crop_square(np.repeat(covers[..., None], 3, -1), label.box, SIDE, MARGIN, (0, 0, 0))[0][..., 0]
    masks.flush()
