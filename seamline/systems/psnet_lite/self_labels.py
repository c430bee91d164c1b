"""Landmarks that the network in training finds on worn garments whose pixels alone are labelled, to learn from too.

A point counts where a crop and its mirror image agree on it and it lies on the garment or at its edge. Its place does:
that the network finds a point does not say that it is seen.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from seamline.core.spec import LANDMARKS, CropSpec, mirrored_landmarks
from seamline.nn.backbone import normalise
from seamline.nn.landmarks import LandmarkBranch, decode
from seamline.training.augment import View, view_of
from seamline.training.crops import ABSENT, BOX_SIDE, PLACED, UNSURE, CropStore
from seamline.training.crops import SIDE as STORED_SIDE

Floats = NDArray[np.float32]

_MIRRORED = list(mirrored_landmarks(LANDMARKS))
_BATCH = 16
_SURE, _SURELY_ABSENT = 0.6, 0.1
_APART, _EDGE = 0.03, 0.03
"""Shares of the view's side: how far the two places of a point may differ, and how far it may lie off the garment."""


def self_labels(branch: LandmarkBranch, store: CropStore) -> tuple[Floats, NDArray[np.int8]]:
    """Points [N,K,2] in pixels of the stored crops, and their state [N,K]: PLACED, ABSENT or UNSURE."""
    side = CropSpec().side
    points, state = [], []
    for start in range(0, len(store), _BATCH):
        rows = range(start, min(start + _BATCH, len(store)))
        plain, mirrored = ([view_of(store, row, side, flip=flip) for row in rows] for flip in (False, True))
        first, second = _found(branch, plain), _found(branch, mirrored)[:, _MIRRORED]
        second[..., 0] = side - second[..., 0]
        both = (first + second) / 2
        apart = np.hypot(*np.moveaxis(first[..., :2] - second[..., :2], -1, 0))
        points.append(_in_crops(both[..., :2], side))
        state.append(_states(both, apart, plain))
    return np.concatenate(points), np.concatenate(state)


def _found(branch: LandmarkBranch, views: list[View]) -> Floats:
    weight = branch.maps.weight
    pixels = torch.from_numpy(np.stack([view.pixels for view in views])).to(weight.device)
    with torch.inference_mode():
        maps = branch(normalise(pixels).contiguous(memory_format=torch.channels_last))
        found: Floats = decode(maps, branch.config.window).float().cpu().numpy()
    return found


def _states(found: Floats, apart: Floats, views: list[View]) -> NDArray[np.int8]:
    side = len(views[0].pixels)
    edge = np.ones((2 * round(_EDGE * side) + 1,) * 2, np.uint8)
    state = np.full(found.shape[:2], UNSURE, np.int8)
    for row, view in enumerate(views):
        near = cv2.dilate(view.mask, edge)
        at = np.clip(found[row, :, :2], 0, side - 1).astype(int)
        on = near[at[:, 1], at[:, 0]] > 127
        state[row, on & (apart[row] < _APART * side) & (found[row, :, 2] >= _SURE)] = PLACED
        state[row, found[row, :, 2] < _SURELY_ABSENT] = ABSENT
    return state


def _in_crops(points: Floats, side: int) -> Floats:
    """From pixels of the plain view to pixels of the stored crop, which shows more around the garment."""
    scale = BOX_SIDE * (1 + 2 * CropSpec().margin) / side
    return ((points - side / 2) * scale + STORED_SIDE / 2).astype(np.float32)
