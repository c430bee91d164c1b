"""What measuring a PS-Net in training needs: its vectors and landmarks of views."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from seamline.core.spec import CATEGORIES, CropSpec
from seamline.systems.psnet.head import region_boxes_of
from seamline.systems.psnet.network import PSNet
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.spec import MIRRORED
from seamline.training.augment import plain_view
from seamline.training.crops import CropStore
from seamline.training.garment_views import GarmentView, GarmentViews
from seamline.training.measure import Encoded
from seamline.training.views import Views

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
        visible,
        garment_of,
        copy,
        np.stack([view.change for view in views]),
        np.array([view.mirrored for view in views]),
    )
    names = np.array([CATEGORIES[view.category] for view in views[:number]])
    return Encoded(vectors, found, names[garment_of], MIRRORED)


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


def landmarks_of(network: PSNet, store: CropStore) -> Floats:
    """Landmarks [N,K,3] in pixels of the crops as they are when serving."""
    device = next(network.parameters()).device
    points = []
    for start in range(0, len(store), _BATCH):
        crops = range(start, min(start + _BATCH, len(store)))
        pixels = np.stack([plain_view(store, crop, CropSpec().side).pixels for crop in crops])
        points.append(network(torch.from_numpy(pixels).to(device)).landmarks.cpu().numpy())
    return np.concatenate(points)
