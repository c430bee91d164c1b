"""Garments on people, to which the head of the whole garment is fitted too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seamline.nn.backbone import LEVEL_CHANNELS
from seamline.nn.grid import COLUMNS, ROWS
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet_lite.encoder import Encoder, RetrievalBranch, WholeBranch
from seamline.systems.psnet_lite.region_head import RegionHeadConfig
from seamline.systems.psnet_lite.shallow_features import shallow_features
from seamline.systems.psnet_lite.stored_views import StoredViews, statistics_of
from seamline.training.people import build_people_store
from seamline.training.sources import Sources


def people_views(sources: Sources, encoder: Encoder) -> StoredViews | None:
    """The views of worn garments, kept in the work folder; None where the photos show none."""
    store = build_people_store(sources.photos, sources.work / "people")
    if store is None:
        return None
    return StoredViews.of([(store, shallow_features(encoder, store, DEFAULT_SPEC, sources.work / "shallow-people"))])


def people_grids(
    people: StoredViews | None, branch: RetrievalBranch, config: RegionHeadConfig, whole: WholeBranch | None = None
) -> NDArray[np.float32]:
    """Grids [N,C,3,2] of the worn garments; of nobody where there are none."""
    if people is None:
        return np.zeros((0, LEVEL_CHANNELS[-1] * (1 if whole is None else 2), ROWS, COLUMNS), np.float32)
    return statistics_of(branch, people, config, whole).grid
