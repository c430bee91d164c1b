"""Edits that put a print on a part: motifs, words, a logo, or a source's own print. Each returns None where it cannot
be done. An old print disappears under the part's plain cloth first.
"""

from __future__ import annotations

import cv2
import numpy as np

from seamline.data.copies.cloth import as_colour, main_colour
from seamline.data.copies.edit_region import EditRegion
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.zones import region_zones
from seamline.synthetic.cloth import weighted_choice
from seamline.synthetic.design import Print
from seamline.synthetic.figures import random_words
from seamline.synthetic.palette import print_colours
from seamline.synthetic.prints import PRINT_KINDS, print_image

_PLAIN_ENOUGH = 0.35
"""Share of plain cloth from which on an old print can be taken off."""
_SEEN = 75.0
"""Sum of differences in RGB from which on ink stands out from the cloth."""
_LEAST_INK = 0.05
"""Share of a part that ink must cover to be a design of its own."""
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)  # fmt: skip


def motif(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """A drawn motif: an emblem, animal, scene, badge, flowers, a collage."""
    kind = weighted_choice(random, PRINT_KINDS)
    width = random.uniform(*region.params.size) * region.frame.width
    item = Print(kind, print_colours(random, as_colour(region.cloth.rgb)), 1.0, seed=int(random.integers(2**31)))
    return _printed(region, print_image(item, max(12, round(width))), random)


def text(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """One to three lines of words, straight or bent."""
    width = random.uniform(*region.params.size) * region.frame.width
    first, second, *_ = print_colours(random, as_colour(region.cloth.rgb))
    picture = lettering(round(max(24.0, width)), np.array([first, second], np.float32), random)
    return _printed(region, picture, random)


def logo(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """A badge or emblem with words under it, repeated small over the part or large once."""
    colours = print_colours(random, as_colour(region.cloth.rgb))
    item = Print(
        weighted_choice(random, {"badge": 2, "emblem": 2, "number": 1}), colours, 1.0, seed=int(random.integers(2**31))
    )
    if random.random() < 0.4:
        return _strewn(region, print_image(item, max(10, round(0.16 * region.frame.width))), random)
    width = max(16, round(random.uniform(*region.params.size) * region.frame.width))
    badge = print_image(item, width)
    words = lettering(width, np.array(colours[:2], np.float32), random)
    return _printed(region, np.concatenate([badge, _as_wide(words, badge.shape[1])]), random)


def source_print(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """The print of a source's chest, cut out and moved over."""
    for index in random.permutation(len(region.sources))[:4]:
        picture = _print_of(region.sources[index])
        if picture is not None:
            width = max(
                16,
                round(
                    random.uniform(max(0.5, region.params.size[0]), max(0.6, region.params.size[1]))
                    * region.frame.width
                ),
            )
            return _printed(region, _as_wide(picture, width), random)
    return None


def lettering(width: int, colours: Floats, random: np.random.Generator) -> Floats:
    """Words (h, w, 4), 0..1, colours premultiplied, `width` pixels wide; `colours` (2, 3) are RGB 0..255."""
    lines = [_line(word, width, colours[index % 2] / 255, random) for index, word in enumerate(_words(random))]
    gap = np.zeros((max(1, width // 20), width, 4), np.float32)
    picture = np.concatenate([part for line in lines for part in (line, gap)])
    return _bent(picture, random.uniform(0.15, 0.5)) if random.random() < 0.3 else picture


def _words(random: np.random.Generator) -> list[str]:
    words = random_words(random, int(random.integers(1, 4)))
    case = int(random.integers(3))
    return [word if case == 0 else word.title() if case == 1 else word.lower() for word in words]


def _line(word: str, width: int, colour: Floats, random: np.random.Generator) -> Floats:
    font, stroke = int(random.choice(_FONTS)), int(random.integers(2, 7))
    (wide, tall), below = cv2.getTextSize(word, font, 2.0, stroke)
    cover = np.zeros((tall + below + 2 * stroke, wide + 2 * stroke), np.uint8)
    cv2.putText(cover, word, (stroke, tall + stroke), font, 2.0, (255,), stroke, cv2.LINE_AA)
    height = max(6, min(round(width * cover.shape[0] / cover.shape[1]), width // 2))
    small = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.concatenate([small[..., None] * colour, small[..., None]], -1).astype(np.float32)


def _bent(picture: Floats, bend: float) -> Floats:
    """The picture along an arc; `bend` is the rise as a share of the width."""
    height, width = picture.shape[:2]
    rise = round(bend * width * 0.5)
    x = np.arange(width, dtype=np.float32)[None].repeat(height + rise, 0)
    drop = rise * ((x / width - 0.5) * 2) ** 2
    y = np.arange(height + rise, dtype=np.float32)[:, None] - drop
    return np.asarray(cv2.remap(picture, x, y.astype(np.float32), cv2.INTER_LINEAR), np.float32)


def _as_wide(picture: Floats, width: int) -> Floats:
    height = max(4, round(picture.shape[0] * width / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _printed(region: EditRegion, picture: Floats, random: np.random.Generator) -> GarmentSample | None:
    """The part with its old print taken off and a picture (h, w, 4) laid on, a little off the middle and turned."""
    if region.cloth.share < _PLAIN_ENOUGH:
        return None
    frame = region.frame
    height, width = picture.shape[:2]
    fit = min(1.0, 0.95 * frame.length / height, 1.0 * frame.width / width)
    angle = np.radians(random.normal(0, 2.5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    axes = np.column_stack([frame.across, frame.along]) @ turn * fit
    room = np.maximum(0, (frame.length - fit * height) / 2)
    middle = frame.origin + frame.along * random.uniform(-0.6, 0.2) * room
    matrix = np.column_stack([axes, middle - axes @ (width / 2, height / 2)]).astype(np.float32)
    size = region.inside.shape[1], region.inside.shape[0]
    laid = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_AREA if fit < 0.7 else cv2.INTER_LINEAR)
    return _inked(region, np.asarray(laid, np.float32))


def _strewn(region: EditRegion, picture: Floats, random: np.random.Generator) -> GarmentSample | None:
    """A small picture repeated all over the part."""
    if region.cloth.share < _PLAIN_ENOUGH:
        return None
    height, width = picture.shape[:2]
    gap = random.uniform(1.15, 1.9)
    across, along = region.frame.coordinates(region.inside.shape)
    row = np.floor(along / (height * gap))
    x = np.mod(across + (row % 2) * 0.5 * width * gap, width * gap).astype(np.float32)
    y = np.mod(along, height * gap).astype(np.float32)
    return _inked(region, np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR), np.float32))


def _inked(region: EditRegion, ink: Floats) -> GarmentSample | None:
    """The part in plain cloth with ink (h, w, 4) on it, in its light; None where the ink could hardly be seen."""
    bare = _bare(region)
    cover, lit = ink[..., 3:], 255 * ink[..., :3] * region.cloth.light[..., None]
    apart = np.abs(lit - cover * bare).sum(-1)[region.inside > 0]
    if float((apart > _SEEN).mean()) < _LEAST_INK:
        return None
    return region.with_window(np.asarray(bare * (1 - cover) + lit, np.float32))


def _bare(region: EditRegion) -> Floats:
    """The part (h, w, 3) without its print: its own pixels where they are plain cloth, else the cloth's colour."""
    cloth = region.cloth
    printed = cv2.GaussianBlur(cv2.dilate(1 - cloth.plain, np.ones((3, 3), np.uint8)), (0, 0), 1.2)
    share = np.clip((np.asarray(printed, np.float32) - 0.35) * 3, 0, 1)[..., None]
    return np.asarray(region.pixels + share * (cloth.rgb * cloth.light[..., None] - region.pixels), np.float32)


def _print_of(source: GarmentSample) -> Floats | None:
    """A source's chest print (h, w, 4), cut out by its colours; None where its chest is plain or all print."""
    zone = region_zones(source)[1]
    if not zone.any():
        return None
    zone = np.asarray(cv2.erode(zone, np.ones((9, 9), np.uint8)), np.uint8)
    lab = np.asarray(cv2.cvtColor(source.rgb, cv2.COLOR_RGB2LAB), np.float32)
    if not zone.any():
        return None
    apart = np.linalg.norm(lab - main_colour(lab[zone > 0]), axis=-1)
    cover = np.clip((np.asarray(cv2.GaussianBlur(apart, (0, 0), 0.8)) - 26) / 20, 0, 1) * (zone > 0)
    solid = np.asarray(cv2.morphologyEx((cover > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    whole = max(1, cv2.countNonZero(zone))
    large = stats[1:][stats[1:, cv2.CC_STAT_AREA] > 0.02 * whole]
    if not len(large) or not 0.04 < float(cover.sum()) / whole < 0.6:
        return None
    x0, y0 = large[:, 0].min(), large[:, 1].min()
    x1, y1 = (large[:, 0] + large[:, 2]).max(), (large[:, 1] + large[:, 3]).max()
    if not _is_compact(zone, (int(x0), int(y0), int(x1), int(y1))):
        return None
    box = slice(int(y0), int(y1)), slice(int(x0), int(x1))
    alpha = cover[box][..., None].astype(np.float32)
    return np.concatenate([source.rgb[box] / 255 * alpha, alpha], -1).astype(np.float32)


def _is_compact(zone: Mask, box: tuple[int, int, int, int]) -> bool:
    """Whether a box is a print's: neither thin as a zip's nor reaching the zone's borders as a pattern does."""
    columns, rows = np.flatnonzero(zone.any(0)), np.flatnonzero(zone.any(1))
    left, top, right, bottom = box[0] - columns[0], box[1] - rows[0], columns[-1] + 1 - box[2], rows[-1] + 1 - box[3]
    width, height = box[2] - box[0], box[3] - box[1]
    inside = min(left, right) > 0.06 * len(columns) and min(top, bottom) > 0.0
    return bool(inside and 0.35 < width / max(1, height) < 4 and width > 0.2 * len(columns))
