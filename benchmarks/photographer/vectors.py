"""Untrained vectors of garments: EfficientNet-Lite0's last map as ImageNet left it, over a grid of 3 by 3."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray

from seamline.core.image import Pixels, crop_square
from seamline.nn.backbone import LEVEL_CHANNELS, Lite0, load_imagenet, normalise

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]

_SIDE, _MARGIN, _GREY = 224, 0.05, (128, 128, 128)
_BATCH = 16
_BINS = (slice(0, 3), slice(2, 5), slice(4, 7))
"""Thirds of the last map's seven cells."""


class Grids:
    """Garments in photos (H, W, 3) -> vectors (n, 1728), not of unit length."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self._backbone = Lite0()
        with torch.no_grad():
            load_imagenet(self._backbone)
        self._backbone.eval()

    def __call__(self, garments: Iterable[tuple[Pixels, Box]]) -> Floats:
        rest, found = iter(garments), [np.empty((0, LEVEL_CHANNELS[-1] * len(_BINS) ** 2), np.float32)]
        while batch := list(islice(rest, _BATCH)):
            crops = np.stack([crop_square(rgb, box, _SIDE, _MARGIN, _GREY)[0] for rgb, box in batch])
            with torch.inference_mode():
                maps: Floats = self._backbone(normalise(torch.from_numpy(crops)))[-1].numpy()
            cells = [maps[:, :, rows, columns].mean((2, 3)) for rows in _BINS for columns in _BINS]
            found.append(np.concatenate(cells, axis=1))
        return np.concatenate(found)


def alikeness(first: Floats, second: Floats, mean: Floats) -> Floats:
    """Cosines (n,) of pairs of vectors (n, D) less a mean (D,): a few channels that are large everywhere would else
    decide them all."""
    first, second = first - mean, second - mean
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.asarray((first * second).sum(1) / np.maximum(lengths, 1e-9), np.float32)
