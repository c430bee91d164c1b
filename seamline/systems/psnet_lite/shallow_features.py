"""What the encoder makes of a store's views before the part that retrieval learns: landmarks, region boxes, garment
shares and the backbone's first levels. They do not change during training, so they are computed once and kept.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import roi_align

from seamline.core.spec import CATEGORIES, LANDMARKS
from seamline.nn.backbone import LEVEL_CHANNELS, normalise
from seamline.nn.landmarks import decode
from seamline.systems.psnet.regions import SAMPLES, region_boxes
from seamline.systems.psnet.spec import REGIONS, PSNetSpec
from seamline.systems.psnet_lite.encoder import (
    SHALLOW_STAGES,
    Encoder,
    RetrievalBranch,
    WholeBranch,
    attended,
    garment_grid,
)
from seamline.training.cache import fill_once, open_memmap
from seamline.training.progress import Progress
from seamline.training.task import Batch
from seamline.training.views import ViewStore

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

_BATCH = 16
_MAPS = {"stride4": LEVEL_CHANNELS[0], "stride8": LEVEL_CHANNELS[1], "foreground": 1}
"""Files and their channels."""


@dataclasses.dataclass(frozen=True)
class ShallowFeatures:
    """N views on a map of M x M cells: `stride4` [N,24,M,M] and `stride8` [N,40,M,M], the backbone's first two levels;
    `foreground` [N,1,M,M], the share of garment; `boxes` [N,5,4] in crop pixels and `visible` [N,5], from predicted
    landmarks."""

    stride4: Halves
    stride8: Halves
    foreground: Halves
    boxes: Floats
    visible: Floats

    def __len__(self) -> int:
        return len(self.boxes)

    def rows(self, indices: NDArray[np.int64]) -> ShallowRows:
        """Some views as tensors."""
        parts = (values[indices] for values in vars(self).values())
        return ShallowRows(*(torch.from_numpy(np.ascontiguousarray(part)).float() for part in parts))


@dataclasses.dataclass(frozen=True)
class ShallowRows(Batch):
    """The fields of ShallowFeatures for B views, as float32 tensors."""

    stride4: Tensor
    stride8: Tensor
    foreground: Tensor
    boxes: Tensor
    visible: Tensor


def pooled(
    branch: RetrievalBranch, rows: ShallowRows, pool_size: int, whole: WholeBranch | None = None
) -> tuple[Tensor, Tensor]:
    """Regions [B,5,C,P,P] and grid [B,2*C,3,2], as the heads get them when serving; without `whole` the grid [B,C,3,2]
    is that of the branch's own last level alone."""
    stride8 = rows.stride8.contiguous(memory_format=torch.channels_last)
    features, last = branch.deep(rows.stride4, stride8)
    last = last if whole is None else torch.cat([last, whole(stride8)], 1)
    grid, features = garment_grid(last, rows.foreground), attended(features, rows.foreground)
    numbers = torch.arange(len(features), device=features.device).repeat_interleave(len(REGIONS))
    rois = torch.cat([numbers[:, None].to(rows.boxes), rows.boxes.flatten(0, 1)], 1)
    regions = roi_align(features, rois, pool_size, 1 / branch.stride, SAMPLES, aligned=True)
    return regions.unflatten(0, (-1, len(REGIONS))), grid


def shallow_features(encoder: Encoder, store: ViewStore, spec: PSNetSpec, folder: Path) -> ShallowFeatures:
    """The features of a store's views in `folder`; computed there unless they are there already."""
    fill_once(folder, _key(encoder, store, spec), lambda: _fill(encoder, store, spec, folder))
    stride4, stride8, foreground = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in _MAPS)
    with np.load(folder / "regions.npz") as regions:
        return ShallowFeatures(stride4, stride8, foreground, regions["boxes"], regions["visible"])


def _key(encoder: Encoder, store: ViewStore, spec: PSNetSpec) -> str:
    digest = hashlib.sha256(repr((spec.regions, spec.crop, encoder.config, len(store), _MAPS)).encode())
    backbone = encoder.retrieval.backbone
    for part in (encoder.landmarks, backbone.stem, *backbone.stages[:SHALLOW_STAGES]):
        for tensor in part.state_dict().values():
            digest.update(tensor.contiguous().numpy().tobytes())
    for array in (store.garment, store.copy, store.change, store.pixels[:: max(1, len(store) // 64)]):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _fill(encoder: Encoder, store: ViewStore, spec: PSNetSpec, folder: Path) -> None:
    side = spec.encoder.map_side
    maps = {
        name: open_memmap(folder / f"{name}.npy", "w+", np.float16, (len(store), channels, side, side))
        for name, channels in _MAPS.items()
    }
    landmarks = np.zeros((len(store), len(LANDMARKS), 3), np.float32)
    progress = Progress("shallow features", len(store))
    for start in range(0, len(store), _BATCH):
        rows = slice(start, min(start + _BATCH, len(store)))
        pixels = torch.from_numpy(np.array(store.pixels[rows]))
        landmarks[rows], parts = _encoded(encoder, pixels)
        for name, part in parts.items():
            maps[name][rows] = part.numpy()
        progress.advance(rows.stop - rows.start)
    for values in maps.values():
        values.flush()
    found = [
        region_boxes(points, CATEGORIES[category], spec)
        for points, category in zip(landmarks, store.category, strict=True)
    ]
    boxes, visible = (np.stack(column) for column in zip(*found, strict=True))
    np.savez(folder / "regions.npz", boxes=boxes, visible=visible)


def _encoded(encoder: Encoder, pixels: Tensor) -> tuple[Floats, dict[str, Tensor]]:
    with torch.inference_mode():
        x = normalise(pixels).contiguous(memory_format=torch.channels_last)
        maps = encoder.landmarks(x)
        stride4, stride8 = encoder.retrieval.shallow(x)
        points = decode(maps, encoder.config.landmarks.window).numpy()
    return points, {"stride4": stride4, "stride8": stride8, "foreground": encoder.foreground(maps, stride8.shape[-1])}
