"""The region head that training starts from: a linear discriminant of the learnt-from views, fitted once and kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from seamline.nn.checkpoint import save
from seamline.systems.psnet_lite.checkpoint import load_region_head
from seamline.systems.psnet_lite.encoder import Encoder
from seamline.systems.psnet_lite.projection import fit_head
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.stored_views import StoredViews, statistics_of
from seamline.training.cache import fill_once


def start_head(encoder: Encoder, views: StoredViews, shrinkage: float, folder: Path) -> RegionHead:
    """The discriminant of these views in `folder`; fitted there unless it is there already."""
    config = RegionHeadConfig(encoder.config.channels)
    file = folder / "region_head.pt"
    fill_once(
        folder,
        _key(encoder, views, shrinkage),
        lambda: save(fit_head(statistics_of(encoder.retrieval, views, config), config, shrinkage), file),
    )
    return load_region_head(file)


def _key(encoder: Encoder, views: StoredViews, shrinkage: float) -> str:
    digest = hashlib.sha256(repr((encoder.config, shrinkage)).encode())
    for tensor in encoder.retrieval.state_dict().values():
        digest.update(tensor.contiguous().numpy().tobytes())
    arrays = (views.store, views.row, views.garment, views.copy, views.change, views.mirrored)
    for array in (*arrays, *(features.boxes for features in views.features)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
