"""Cuts one centred garment out of a photo: its silhouette, with measures of how far it can be believed.

The photo is segmented twice (GrabCut, Rother et al., SIGGRAPH 2004, started from a centred rectangle): once at the
working size and once, from a different start, at half of it. Where the two disagree, neither is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""HxW, 255 inside the garment, 0 outside."""

SIDE = 256
"""Longest side in pixels at which photos are segmented."""

_ITERATIONS = 3
_INSET = 0.12
_CORE = 0.12
_BORDER = 0.02
_WEDGE = 0.12
_LARGEST_HOLE = 0.003


@dataclass(frozen=True)
class Silhouette:
    """A garment's mask at the working size.

    `scale` is working pixels per photo pixel, `agreement` the intersection over union of the two segmentations,
    `touching` the share of the photo's border that the garment covers, `area` the share of the photo.
    """

    mask: Mask
    scale: float
    agreement: float
    touching: float

    @property
    def area(self) -> float:
        """Share of the photo that the garment covers, 0..1."""
        return float(np.mean(self.mask > 0))


@dataclass(frozen=True)
class Seed:
    """Where the garment is sure to be, in shares of the photo's height and width.

    `core`: height of the middle of the sure rectangle. `fork`: height below which the middle of the photo may lie
    between two legs; None for a garment without legs.
    """

    core: float = 0.5
    fork: float | None = None


def segment(rgb: NDArray[np.uint8], seed: Seed = Seed()) -> tuple[Mask, Mask]:
    """Two raw segmentations of an HxWx3 RGB photo, both at the working size. The same photo gives the same masks."""
    working = _resized(rgb, min(1.0, SIDE / max(rgb.shape[:2])))
    calm = np.asarray(cv2.bilateralFilter(working, 5, 25, 5), np.uint8)
    first = _segment(calm, seed, _BORDER)
    half = _segment(_resized(working, 0.5), seed, 0.0)
    second = cv2.resize(half, (working.shape[1], working.shape[0]), interpolation=cv2.INTER_LINEAR)
    return first, np.where(second > 127, 255, 0).astype(np.uint8)


def silhouette_of(first: Mask, second: Mask, scale: float) -> Silhouette:
    """Tidy the first of two segmentations and measure it against the second; `scale` as in Silhouette."""
    mask, other = cleaned(first), cleaned(second)
    union = np.count_nonzero(mask | other)
    agreement = np.count_nonzero(mask & other) / union if union else 0.0
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return Silhouette(mask, scale, float(agreement), float(np.mean(border > 0)))


def cleaned(mask: Mask) -> Mask:
    """The largest piece of a mask, without threads, pinholes and frayed edges."""
    opened = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _disc(5)), np.uint8)
    piece = _largest_piece(opened)
    closed = np.asarray(cv2.morphologyEx(piece, cv2.MORPH_CLOSE, _disc(3)), np.uint8)
    return np.asarray(cv2.medianBlur(_without_holes(closed), 5), np.uint8)


def at_photo_size(silhouette: Silhouette, width: int, height: int) -> Mask:
    """The silhouette as a mask of the photo's own size."""
    soft = cv2.resize(silhouette.mask, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.where(cv2.GaussianBlur(soft, (0, 0), 0.5 / silhouette.scale) > 127, 255, 0).astype(np.uint8)


def _resized(rgb: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    size = (max(2, round(rgb.shape[1] * scale)), max(2, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _segment(rgb: NDArray[np.uint8], seed: Seed, border: float) -> Mask:
    labels = _start(rgb.shape[0], rgb.shape[1], seed, border)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(np.ascontiguousarray(rgb[..., ::-1]), labels, (0, 0, 1, 1), *models, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return np.where((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)


def _start(height: int, width: int, seed: Seed, border: float) -> NDArray[np.uint8]:
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    top, left = round(height * _INSET), round(width * _INSET)
    labels[top : height - top, left : width - left] = cv2.GC_PR_FGD
    if seed.fork is not None:
        wedge = np.array([[0.5, seed.fork], [0.5 - _WEDGE, 1.0], [0.5 + _WEDGE, 1.0]]) * (width, height)
        cv2.fillConvexPoly(labels, wedge.astype(np.int32), (cv2.GC_PR_BGD,))
    y, x, dy, dx = height * seed.core, width / 2, height * _CORE, width * _CORE
    labels[round(y - dy) : round(y + dy), round(x - dx) : round(x + dx)] = cv2.GC_FGD
    if border > 0:
        edge = max(1, round(border * max(height, width)))
        labels[:edge] = labels[-edge:] = cv2.GC_BGD
        labels[:, :edge] = labels[:, -edge:] = cv2.GC_BGD
    return labels


def _disc(diameter: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter)), np.uint8)


def _largest_piece(mask: Mask) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return np.zeros_like(mask)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.where(labels == largest, 255, 0).astype(np.uint8)


def _without_holes(mask: Mask) -> Mask:
    """Fill what the garment encloses, except large gaps beside the body, which lie between a sleeve and a side."""
    padded = np.pad(255 - mask, 1, constant_values=255)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(padded)
    filled = mask.copy()
    columns = np.flatnonzero(mask.any(axis=0))
    for piece in range(1, count):
        if piece == labels[0, 0]:
            continue
        large = stats[piece, cv2.CC_STAT_AREA] > _LARGEST_HOLE * mask.size
        across = (centres[piece][0] - 1 - columns[0]) / max(1, columns[-1] - columns[0])
        tall = stats[piece, cv2.CC_STAT_HEIGHT] > 1.5 * stats[piece, cv2.CC_STAT_WIDTH]
        if not (large and tall and abs(across - 0.5) > 0.2):
            filled[labels[1:-1, 1:-1] == piece] = 255
    return filled
