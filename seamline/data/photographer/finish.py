"""What happens to the file: blur of a shaking hand, a smaller size, letters, stickers, JPEG, a screenshot."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.degradation import stickered, watermarked
from seamline.data.copies.sample import Mask
from seamline.data.copies.warp import Doubles
from seamline.data.jpeg import recompressed
from seamline.data.photographer.strengths import Strengths

_LEAST_SIDE = 48
_LEAST_QUALITY = 25


@dataclasses.dataclass(frozen=True)
class FinishParams(Strengths):
    """Largest values and probabilities.

    `blur`: in thousandths of the longer side; `shaken`: probability that it is along a line; `smaller`: largest share
    of the size that is lost; `lost_quality`: of the JPEG, from 96 down; `again`: probability of a second JPEG;
    `letters`, `sticker`: probabilities of something printed on it; `screenshot`: probability of borders around it.
    """

    CHANCES: ClassVar[tuple[str, ...]] = ("shaken", "smaller", "again", "letters", "sticker", "screenshot")

    blur: float = 2.0
    shaken: float = 0.1
    smaller: float = 0.3
    lost_quality: float = 40.0
    again: float = 0.35
    letters: float = 0.05
    sticker: float = 0.02
    screenshot: float = 0.05


@dataclasses.dataclass(frozen=True)
class Finished:
    """`rgb` (h, w, 3); `sticker` (h, w): 255 where something was stuck over it; `matrix` (3, 3): from the picture that
    was given to this one; `size`: width and height."""

    rgb: Pixels
    sticker: Mask
    matrix: Doubles
    size: tuple[int, int]


def finished(rgb: Pixels, params: FinishParams, random: np.random.Generator) -> Finished:
    """The picture as it arrives."""
    height, width = rgb.shape[:2]
    rgb = _blurred(rgb, params, random)
    size = _reduced((width, height), 1 - min(0.85, params.smaller) * random.random() ** 2)
    rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    if random.random() < params.letters:
        rgb = watermarked(rgb, random.uniform(0.15, 0.5), random)
    sticker = np.zeros(rgb.shape[:2], np.uint8)
    if random.random() < params.sticker:
        rgb, sticker = stickered(rgb, random.uniform(0.1, 0.25) * max(size), random)
    rgb = _compressed(rgb, params, random)
    borders = (0, 0, 0, 0)
    if random.random() < params.screenshot:
        borders = _borders(size, random)
        rgb, sticker = _screenshot(rgb, borders, random), cast("Mask", cv2.copyMakeBorder(sticker, *borders, 0))
    if random.random() < params.again:
        rgb = _compressed(rgb, params, random)
    matrix = np.array([[size[0] / width, 0, borders[2]], [0, size[1] / height, borders[0]], [0, 0, 1]])
    return Finished(rgb, sticker, matrix, (rgb.shape[1], rgb.shape[0]))


def _reduced(size: tuple[int, int], scale: float) -> tuple[int, int]:
    scale = max(scale, min(1.0, _LEAST_SIDE / min(size)))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _blurred(rgb: Pixels, params: FinishParams, random: np.random.Generator) -> Pixels:
    amount = params.blur / 1000 * random.random() ** 2 * max(rgb.shape[:2])
    angle, shaken = random.uniform(0, np.pi), random.random() < params.shaken
    if shaken:
        return cast("Pixels", cv2.filter2D(rgb, -1, _streak(4 * amount, angle), borderType=cv2.BORDER_REPLICATE))
    return cast("Pixels", cv2.GaussianBlur(rgb, (0, 0), amount)) if amount > 0.25 else rgb


def _streak(length: float, angle: float) -> Doubles:
    """Kernel of a movement during the exposure, `length` pixels long."""
    side = 2 * int(np.ceil(length / 2)) + 1
    kernel = np.zeros((side, side), np.float32)
    half = np.array([np.cos(angle), np.sin(angle)]) * length / 2 * 16
    first, last = (tuple(np.round(side // 2 * 16 + sign * half).astype(int).tolist()) for sign in (-1, 1))
    cv2.line(kernel, first, last, (1.0,), 1, cv2.LINE_8, 4)
    return np.asarray(kernel / kernel.sum(), np.float64)


def _compressed(rgb: Pixels, params: FinishParams, random: np.random.Generator) -> Pixels:
    return recompressed(rgb, max(_LEAST_QUALITY, round(96 - params.lost_quality * random.random())))


def _borders(size: tuple[int, int], random: np.random.Generator) -> tuple[int, int, int, int]:
    """Pixels above, below, left and right of a picture on a telephone's screen, which is about twice as high as wide,
    or in a frame."""
    width, height = size
    if random.random() < 0.6:
        free = max(0.1 * height, random.uniform(1.5, 2.1) * width - height)
        above = random.uniform(0.3, 0.7)
        return round(free * above), round(free * (1 - above)), 0, 0
    frame = round(random.uniform(0.02, 0.1) * max(size))
    return frame, frame, frame, frame


def _screenshot(rgb: Pixels, borders: tuple[int, int, int, int], random: np.random.Generator) -> Pixels:
    """The picture between plain borders; some lines of a title in them."""
    dark = random.random() < 0.4
    paper = float(random.uniform(0, 30) if dark else random.uniform(235, 255))
    sheet = cast("Pixels", cv2.copyMakeBorder(rgb, *borders, cv2.BORDER_CONSTANT, value=(paper,) * 3))
    ink = 255 - paper
    for top, room in ((0, borders[0]), (rgb.shape[0] + borders[0], borders[1])):
        line = max(2, round(0.012 * max(rgb.shape[:2])))
        for place in np.arange(0.2, 0.9, max(0.15, 3 * line / max(1, room))) * room if room > 8 * line else ():
            end = int(rgb.shape[1] * random.uniform(0.2, 0.8))
            y = top + int(place)
            cv2.rectangle(sheet, (line * 3, y), (end, y + line - 1), (ink,) * 3, -1)
    return sheet
