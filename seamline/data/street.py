"""Garment boxes from street photos with pixel labels (Clothing Co-Parsing, Yang, Luo and Lin, CVPR 2014).

The labels name 58 kinds of things and no instances: one label is one garment here, its box that of all its pixels. The
names say little about sleeves and mix dresses with skirts, so both are read from the picture: bare arms from skin
beside the garment, a skirt from a "dress" that hangs below a top. Names that cover several kinds of garments, or
underwear, have no category; photos that show one are not `complete`. Nor are those whose "jeans" begin at the
shoulders.

Where what is worn over a garment hides its sleeves, or a name means several things, the category is a guess, and
`coarse` says among which.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Set
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.data.mask_box import mask_box

Labels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

OUTERWEAR = frozenset({"blazer", "cape", "cardigan", "coat", "jacket", "suit"})
"""Names of what is worn over other tops and dresses."""

_LONG_TOPS = frozenset({"hoodie", "sweater", "sweatshirt"})
_TOPS = frozenset({"blouse", "jumper", "shirt", "top"})
_DRESSES = frozenset({"dress", "romper"})
_OVER = OUTERWEAR | _LONG_TOPS
"""Names of what hides the sleeves of what is worn under it."""

_FIXED: Mapping[str, str] = {
    **dict.fromkeys(OUTERWEAR, "long sleeve outwear"),
    **dict.fromkeys(_LONG_TOPS, "long sleeve top"),
    "t-shirt": "short sleeve top",
    "vest": "vest",
    "pants": "trousers",
    "jeans": "trousers",
    "leggings": "trousers",
    "skirt": "skirt",
    "shorts": "shorts",
}
"""Names that mean one category of DeepFashion2."""

_TOP_CATEGORIES = ("short sleeve top", "long sleeve top", "vest", "sling")
_DRESS_CATEGORIES = ("short sleeve dress", "long sleeve dress", "vest dress", "sling dress")

COARSE: Mapping[str, tuple[str, ...]] = {
    "top": _TOP_CATEGORIES,
    "dress": (*_DRESS_CATEGORIES, "skirt"),
    "romper": (*_DRESS_CATEGORIES, "skirt", "shorts", "trousers"),
    "waistcoat": ("vest", "short sleeve outwear", "long sleeve outwear"),
}
"""Coarse categories, and the categories that each leaves open. Under a coat, a dress and a skirt look alike; a "vest"
is a sleeveless top or what is worn over a shirt."""

_LOWER = frozenset(name for name, category in _FIXED.items() if category in ("trousers", "shorts", "skirt"))

_HEAD = frozenset({"glasses", "hair", "hat", "sunglasses"})

_HIGHEST_WAIST = 0.25
"""Share of a person's height, from the top, where what hangs from the waist begins at the earliest. In 15 of Clothing
Co-Parsing's 900 photos one begins above it, at .23 at most, and its label means a shirt of the same cloth, too, or
something else altogether; no other begins above .30."""

_UNCLEAR = frozenset({"bodysuit", "bra", "intimate", "panties", "swimwear"})

_SMALLEST = 0.004
"""A garment that shows on less of the photo than this is hidden by others and not counted."""

_SPECK = 0.03
"""A piece of less than this share of a label is a slip of the pen."""

_SHORT_SLEEVES = 0.14
_SHORT_SLEEVES_DRESS = 0.09
_NO_SLEEVES = 0.3
"""Bare skin beside a garment per garment pixel, from which sleeves are short, or absent."""


TRAINING_PHOTOS = 800
"""Photos up to this number train networks, the others measure them."""


@dataclasses.dataclass(frozen=True)
class StreetGarment:
    """One garment of a photo: its label's name, DeepFashion2 category, and box x0, y0, x1, y1 in pixels. `coarse`: a
    key of COARSE where the photo does not tell the category, which then is a guess."""

    name: str
    category: str
    box: tuple[float, float, float, float]
    coarse: str = ""

    @property
    def label(self) -> str:
        """What the photo tells of it: its category, or the coarse one."""
        return self.coarse or self.category


@dataclasses.dataclass(frozen=True)
class StreetPhoto:
    """One photo of the folder: its number and the files of picture and labels."""

    number: int
    image: Path
    labels: Path


def categories_of(label: str) -> tuple[str, ...]:
    """The categories that a garment may be of by its label, a category or a key of COARSE."""
    return COARSE.get(label, (label,))


def street_photos(folder: Path) -> list[StreetPhoto]:
    """The photos of a folder with `images/0001.jpg` and `labels/0001.png`, by number; those without labels left out."""
    found = [
        StreetPhoto(int(path.stem), path, folder / "labels" / f"{path.stem}.png")
        for path in (folder / "images").glob("*.jpg")
    ]
    return sorted((photo for photo in found if photo.labels.exists()), key=lambda photo: photo.number)


def read_names(path: Path) -> dict[str, int]:
    """Label names and their pixel values from lines of "<value> <name>". Raises ValueError where a line is neither."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {name: int(value) for value, name in lines}


def is_complete(labels: Labels, names: Mapping[str, int]) -> bool:
    """Whether every visible garment of a photo has a category, and no name means several of them; labels HxW."""
    unclear = any(float(np.mean(labels == names[name])) >= _SMALLEST for name in _UNCLEAR & names.keys())
    return not unclear and not _begins_at_the_shoulders(labels, names)


def _begins_at_the_shoulders(labels: Labels, names: Mapping[str, int]) -> bool:
    """Whether something of `_LOWER` begins where no trousers and no skirt do, on a person whose head is seen."""
    if not np.isin(labels, [names[name] for name in _HEAD & names.keys()]).any():
        return False
    person = np.flatnonzero(labels.any(1))
    highest = person[0] + _HIGHEST_WAIST * (person[-1] + 1 - person[0])
    masks = (labels == names[name] for name in _LOWER & names.keys())
    return any(mask_box(without_specks(mask))[1] < highest for mask in masks if float(mask.mean()) >= _SMALLEST)


def garments(labels: Labels, names: Mapping[str, int]) -> tuple[StreetGarment, ...]:
    """The garments of one photo from its labels HxW, in the order of their pixel values."""
    known = [name for name in names if name in _FIXED or name in _TOPS or name in _DRESSES]
    masks = {name: without_specks(labels == names[name]) for name in known if (labels == names[name]).any()}
    masks = {name: mask for name, mask in masks.items() if float(mask.mean()) >= _SMALLEST}
    boxes = {name: mask_box(mask) for name, mask in masks.items()}
    skin = labels == names["skin"]
    bare = {name: bare_share(mask, skin) for name, mask in masks.items()}
    covered = bool(OUTERWEAR & masks.keys())
    tops = [boxes[name] for name in (_TOPS | _LONG_TOPS | {"t-shirt"}) & boxes.keys()]
    found = []
    for name, box in boxes.items():
        category = _category(name, box, tops, None if covered else bare[name])
        coarse = _coarse(name, category, masks.keys() - {name}, bare[name])
        found.append(StreetGarment(name, category, box, coarse))
    return tuple(found)


def _category(
    name: str, box: tuple[float, float, float, float], tops: list[tuple[float, float, float, float]], bare: float | None
) -> str:
    """`bare`: skin beside the garment, None where outerwear hides the arms."""
    if name in _FIXED:
        return _FIXED[name]
    if name in _DRESSES:
        if any(box[1] > (top[1] + top[3]) / 2 for top in tops):
            return "skirt"
        return _dress(bare)
    if name == "top" and (bare is None or bare >= _NO_SLEEVES):
        return "vest"
    return "short sleeve top" if bare is not None and bare >= _SHORT_SLEEVES else "long sleeve top"


def _coarse(name: str, category: str, others: Set[str], bare: float) -> str:
    """A key of COARSE, or "" where the photo tells the category. `others`: the other garments' names; `bare`: skin
    beside the garment."""
    if name == "romper":
        return "romper"
    if name == "vest":
        return "waistcoat" if bare < _NO_SLEEVES or others & (_OVER | _TOPS | {"t-shirt"}) else ""
    if not others & _OVER:
        return ""
    if name in _TOPS:
        return "top"
    return "dress" if name == "dress" and category != "skirt" else ""


def _dress(bare: float | None) -> str:
    if bare is None:
        return "short sleeve dress"  # the middle of three guesses
    if bare >= _NO_SLEEVES:
        return "vest dress"
    return "short sleeve dress" if bare >= _SHORT_SLEEVES_DRESS else "long sleeve dress"


def bare_share(garment: Mask, skin: Mask) -> float:
    """Skin beside the upper part of a garment, per garment pixel there: above .1 forearms show, above .3 whole arms.

    The upper part is as tall as the garment or 1.3 times its width, whichever is less, without the neckline.
    """
    x0, y0, x1, y1 = mask_box(garment)
    width, height = x1 - x0, min(y1 - y0, 1.3 * (x1 - x0))
    rows = slice(round(y0 + 0.1 * height), max(round(y0 + height), round(y0 + 0.1 * height) + 1))
    columns = slice(max(0, round(x0 - 0.3 * width)), round(x1 + 0.3 * width))
    return float(np.count_nonzero(skin[rows, columns]) / max(1, np.count_nonzero(garment[rows])))


def without_specks(mask: Mask) -> Mask:
    """The pieces of a mask that hold a fair share of its pixels."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA]
    kept = [piece for piece in range(1, count) if areas[piece] >= _SPECK * areas[1:].sum()]
    return np.isin(pieces, kept)
