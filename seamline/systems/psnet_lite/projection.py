"""Fits the linear projections of the retrieval path; no gradient descent.

The map's projection is a half-whitened PCA of ImageNet features over garments' cells. The region head's is a linear
discriminant: it keeps directions in which garments differ, and drops those in which a garment differs from its own
copies on other backgrounds, in other light, mirrored, or beside a redesigned region. That of the whole garment is a
whitened PCA.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from seamline.core.spec import CropSpec
from seamline.nn.backbone import LEVEL_CHANNELS, normalise
from seamline.systems.psnet.spec import MIRRORED, REGIONS
from seamline.systems.psnet_lite.encoder import Encoder
from seamline.systems.psnet_lite.region_head import PROJECTIONS, RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.stored_views import RegionStatistics
from seamline.systems.psnet_lite.whole_head import WholeHead, WholeHeadConfig, described_by
from seamline.training.augment import plain_view
from seamline.training.crops import CropStore
from seamline.training.progress import tracked
from seamline.training.views import KEPT

Matrix = NDArray[np.float64]

_SLEEVE = PROJECTIONS - 1

_LEAST_VARIANCE = 1e-4
"""Share of the largest variance that is added to each: the last directions are not blown up to noise."""


@dataclasses.dataclass(frozen=True)
class ProjectionSettings:
    """`photos`: how many fit the map's projection, of those whose points and mask are trusted as far as `trust`.
    `level_weights`: importance of strides 4, 8, 16 and 32. `whitening`: 0 keeps the PCA's spreads, 1 makes them equal.
    `garment_share`: cells with less of the garment do not count."""

    photos: int = 250
    trust: float = 0.85
    level_weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    whitening: float = 0.5
    garment_share: float = 0.9


def fit_map(encoder: Encoder, store: CropStore, settings: ProjectionSettings) -> None:
    """Set the encoder's map projection from the cells of these photos that lie well inside the garment."""
    cells = _garment_cells(encoder, store, settings)
    mean, spread = cells.mean(0), cells.std(0) + 1e-6
    weight = np.repeat(settings.level_weights / np.sqrt(LEVEL_CHANNELS), LEVEL_CHANNELS) / spread
    scaled = (cells - mean) * weight
    values, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    count = encoder.config.channels - 1
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    projection = (vectors / (values + 1e-4 * values[0]) ** (settings.whitening / 2)).T * weight
    encoder.retrieval.set_projection(torch.from_numpy(projection).float(), torch.from_numpy(mean).float())


def _garment_cells(encoder: Encoder, store: CropStore, settings: ProjectionSettings) -> Matrix:
    found = []
    for photo in tracked("map projection", range(len(store)), len(store)):
        view = plain_view(store, photo, CropSpec().side)
        with torch.inference_mode():
            levels = encoder.retrieval.levels(normalise(torch.from_numpy(view.pixels)[None]))[0]
        mask = torch.from_numpy(view.mask).float()[None, None] / 255
        inside = functional.avg_pool2d(mask, encoder.config.stride)[0, 0] > settings.garment_share
        found.append(levels[:, inside].T.numpy())
    return np.concatenate(found).astype(np.float64)


def fit_head(views: RegionStatistics, config: RegionHeadConfig, shrinkage: float = 0.1) -> RegionHead:
    """A region head from views of originals and copies. `shrinkage`: share of the mean spread that is added to every
    direction of the copies' scatter."""
    head = RegionHead(config)
    for projection in range(PROJECTIONS):
        regions = [region for region in range(len(REGIONS)) if min(region, _SLEEVE) == projection]
        weight, mean = _discriminant(_between(views, regions), _within(views, regions), config.dimension, shrinkage)
        with torch.no_grad():
            head.weight[projection] = torch.from_numpy(weight).float()
            head.bias[projection] = torch.from_numpy(-weight @ mean).float()
    return head.eval()


def fit_whole(originals: NDArray[np.float32], config: WholeHeadConfig) -> WholeHead:
    """The head of the garment as a whole from the grids [N,C,3,2] of N garments: a whitened PCA, whose first directions
    are the first vector's, and so on.

    Nothing is learnt from copies: what ImageNet's features tell apart is kept, also what no copy that was made by
    program ever changes.
    """
    rows = described_by(torch.from_numpy(originals), config.levels).numpy().astype(np.float64)
    mean = rows.mean(0)
    values, vectors = np.linalg.eigh(np.cov(rows.T, bias=True))
    count = config.parts * config.dimension
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    weight = (vectors / np.sqrt(values + _LEAST_VARIANCE * values[0])).T
    head = WholeHead(config)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(-weight @ mean))
    return head.eval()


def _between(views: RegionStatistics, regions: Sequence[int]) -> Matrix:
    """Statistics of the originals' visible regions."""
    originals = views.originals
    parts = [views.statistics[originals, r][views.visible[originals, r] > 0] for r in regions]
    return np.concatenate(parts).astype(np.float64)


def _within(views: RegionStatistics, regions: Sequence[int]) -> Matrix:
    """Differences between kept regions of copies and those of their originals."""
    copies = views.copies
    parts = []
    for region in regions:
        place = np.where(views.mirrored[copies], MIRRORED[region], region)
        original = views.original[copies]
        both = (views.visible[copies, place] > 0) & (views.visible[original, region] > 0)
        usable = both & (views.change[copies, region] == KEPT)
        parts.append((views.statistics[copies, place] - views.statistics[original, region])[usable])
    return np.concatenate(parts).astype(np.float64)


def _discriminant(between: Matrix, within: Matrix, dimension: int, shrinkage: float) -> tuple[Matrix, Matrix]:
    """Projection [dimension,S] and mean [S]: copies' scatter becomes round, directions that tell garments apart
    come first."""
    mean = between.mean(0)
    centred = between - mean
    scatter = within.T @ within / (2 * len(within))
    size = len(scatter)
    scatter += shrinkage * np.trace(scatter) / size * np.eye(size)
    values, vectors = np.linalg.eigh(scatter)
    whiten = vectors / np.sqrt(values)
    _, directions = np.linalg.eigh(whiten.T @ (centred.T @ centred / len(centred)) @ whiten)
    return (whiten @ directions[:, ::-1][:, :dimension]).T, mean
