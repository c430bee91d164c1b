"""What measuring a PS-Net in training needs: its vectors of views, and its landmarks' distance."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from seamline.garments import DEFAULT_SPEC
from seamline.net.psnet import PSNet, region_boxes_of
from seamline.spec import CATEGORIES, CropSpec
from seamline.train.augment import plain_view
from seamline.train.crops import PRESENT, CropStore
from seamline.train.garment_views import GarmentView, GarmentViews
from seamline.train.measure import Encoded
from seamline.train.views import Views

Floats = NDArray[np.float32]

_BATCH = 16


def encoded_views(network: PSNet, garments: GarmentViews, most: int, count: int, seed: int) -> Encoded:
    """The vectors, as serving computes them, of `count` views of each of the first `most` garments."""
    views: list[GarmentView] = []
    number = min(most, len(garments))
    for garment in range(number):
        views += garments.draw(garment, count, np.random.default_rng([seed, garment]))
    copy = np.tile(np.arange(-1, count - 1), number)
    order = np.argsort(copy >= 0, kind="stable")  # originals first: their index is the garment's number
    views, copy = [views[index] for index in order], copy[order]
    garment_of = np.repeat(np.arange(number), count)[order]
    vectors, visible = _vectors(network, views)
    found = Views(
        np.zeros((len(views), visible.shape[1], 0), np.float32),
        visible,
        garment_of,
        copy,
        np.stack([view.change for view in views]),
        np.array([view.mirrored for view in views]),
    )
    names = np.array([CATEGORIES[view.category] for view in views[:number]])
    return Encoded(vectors, found, names[garment_of])


def _vectors(network: PSNet, views: list[GarmentView]) -> tuple[Floats, Floats]:
    device = next(network.parameters()).device
    vectors, visibility = [], []
    for start in range(0, len(views), _BATCH):
        part = views[start : start + _BATCH]
        output = network(torch.from_numpy(np.stack([view.pixels for view in part])).to(device))
        categories = [CATEGORIES[view.category] for view in part]
        boxes, visible = region_boxes_of(output.landmarks, categories, DEFAULT_SPEC)
        vectors.append(network.head(output.features, boxes, visible).float().cpu().numpy())
        visibility.append(visible.cpu().numpy())
    return np.concatenate(vectors), np.concatenate(visibility)


def landmark_distance(network: PSNet, store: CropStore) -> float:
    """Mean distance over the store's present landmarks, in diagonals of the garment's box."""
    device = next(network.parameters()).device
    distances = []
    for start in range(0, len(store), _BATCH):
        crops = range(start, min(start + _BATCH, len(store)))
        views = [plain_view(store, crop, CropSpec().side) for crop in crops]
        found = network(torch.from_numpy(np.stack([view.pixels for view in views])).to(device)).landmarks.cpu().numpy()
        for crop, view, points in zip(crops, views, found, strict=True):
            present = view.state == PRESENT
            distances.append(np.hypot(*(points[present, :2] - view.points[present]).T) / _diagonal(store, crop))
    return float(np.concatenate(distances).mean())


def _diagonal(store: CropStore, crop: int) -> float:
    """Of the garment's box, in pixels of the plain view."""
    x0, y0, x1, y1 = store.labels[crop].box
    longer = max(x1 - x0, y1 - y0)
    return math.hypot(x1 - x0, y1 - y0) / longer * CropSpec().side / (1 + 2 * CropSpec().margin)
