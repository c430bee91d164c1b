"""What the landmark branch learns from: batches of random views with their targets, and the loss.

Loss: cross-entropy between each heatmap, taken as a distribution over cells, and a Gaussian at the landmark, which
learns faster than PS-Net's squared error on nearly empty maps; plus presence of each landmark, plus the garment's
mask. Each label counts as much as it can be trusted.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from seamline.core.spec import CropSpec
from seamline.nn.backbone import LEVEL_STRIDES
from seamline.nn.landmarks import LandmarkMaps, gaussians
from seamline.systems.psnet_lite.worn import OCCLUDED, People
from seamline.systems.psnet_lite.worn_views import dressed_view, worn_view
from seamline.training.augment import Augmentation, View, random_view
from seamline.training.crops import ABSENT, PRESENT, UNSURE, CropStore
from seamline.training.task import Batch

STRIDE = LEVEL_STRIDES[0]


@dataclasses.dataclass(frozen=True)
class LandmarkBatch(Batch):
    """Tensors of one step: pixels [B,S,S,3], target [B,K,C*C], weight [B,K], present [B,K], sure [B,K], mask
    [B,1,C,C], mask_weight [B]."""

    pixels: Tensor
    target: Tensor
    weight: Tensor
    present: Tensor
    sure: Tensor
    mask: Tensor
    mask_weight: Tensor


@dataclasses.dataclass(frozen=True)
class PeopleViews:
    """Shares of a batch: `marked` worn garments, and `street` ones whose pixels alone are labelled. The rest are single
    garments, of which `dressed` are laid on people. Something more lies on `covered` of the worn ones.

    `occluded`: the confidence that a point shall have that is hidden and whose place can be told all the same; its
    place counts half.
    """

    marked: float = 0.0
    street: float = 0.0
    dressed: float = 0.0
    covered: float = 0.0
    occluded: float = 0.6


@dataclasses.dataclass(frozen=True)
class LandmarkViews:
    """How batches are drawn: the first `small_steps` steps use views of `small_side` pixels, the others the crop's
    side.

    `sigma`: spread of the target in heatmap cells. `least_trust`: crops whose points are trusted less are never drawn.
    Drawn garments make up `drawn_share` of the crops of single garments. `people`: what garments on people add.
    """

    batch: int = 16
    small_steps: int = 1500
    small_side: int = 160
    sigma: float = 1.3
    least_trust: float = 0.15
    drawn_share: float = 0.2
    augmentation: Augmentation = dataclasses.field(default_factory=Augmentation)
    people: PeopleViews = dataclasses.field(default_factory=PeopleViews)


@dataclasses.dataclass(frozen=True)
class LandmarkCrops:
    """What views are drawn of: `single` garments, flat or drawn, with the probability [N] of each, and `people`."""

    single: CropStore
    weights: NDArray[np.float64]
    people: People | None = None


def landmark_losses(maps: LandmarkMaps, batch: LandmarkBatch) -> dict[str, Tensor]:
    """Cross-entropies of places, presence and foreground."""
    scores = functional.log_softmax(maps.heatmaps.flatten(2), -1)
    place = -(batch.target * scores).sum(-1)
    presence = functional.binary_cross_entropy_with_logits(maps.presence, batch.present, reduction="none")
    mask = functional.binary_cross_entropy_with_logits(maps.foreground, batch.mask, reduction="none")
    return {
        "place": _mean(place, batch.weight),
        "presence": _mean(presence, batch.sure),
        "foreground": _mean(mask.mean((1, 2, 3)), batch.mask_weight),
    }


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp_min(1e-6)


def make_batch(
    views: list[View], trust: list[float], mask_trust: list[float], sigma: float, occluded: float = 0.6
) -> LandmarkBatch:
    """Targets of a step from its views; `occluded` as in PeopleViews."""
    side = len(views[0].pixels)
    cells = side // STRIDE
    points = torch.from_numpy(np.stack([view.points for view in views])) / STRIDE
    state = torch.from_numpy(np.stack([view.state for view in views]))
    present, hidden = (state == PRESENT).float(), (state == OCCLUDED).float()
    believed = torch.tensor(trust, dtype=torch.float32)[:, None]
    mask = torch.from_numpy(np.stack([view.mask for view in views])).float()[:, None] / 255
    return LandmarkBatch(
        torch.from_numpy(np.stack([view.pixels for view in views])),
        gaussian(points, cells, sigma),
        (present + _HIDDEN_PLACE * hidden) * believed,
        present + occluded * hidden,
        torch.where(state == ABSENT, 1.0, believed) * (state != UNSURE).float(),
        functional.avg_pool2d(mask, STRIDE),
        torch.tensor(mask_trust, dtype=torch.float32),
    )


def gaussian(points: Tensor, cells: int, sigma: float) -> Tensor:
    """Points [B,K,2] in cells -> normalised Gaussians [B,K,cells*cells], row by row."""
    maps = gaussians(points, cells, sigma).flatten(2)
    return maps / maps.sum(-1, keepdim=True).clamp_min(1e-12)


def sampling_weights(store: CropStore, settings: LandmarkViews) -> NDArray[np.float64]:
    """Probability of each crop: rare categories more often than they occur, drawn ones at their share."""
    usable = store.trust >= settings.least_trust
    counts = np.bincount(store.category[usable], minlength=1 + int(store.category.max()))
    weight = usable / np.sqrt(np.maximum(counts[store.category], 20))
    drawn = np.array([label.source == "drawn" for label in store.labels])
    if drawn.any() and not drawn.all():
        weight[drawn] *= settings.drawn_share / weight[drawn].sum()
        weight[~drawn] *= (1 - settings.drawn_share) / weight[~drawn].sum()
    return weight / weight.sum()


def step_batch(crops: LandmarkCrops, step: int, settings: LandmarkViews, seed: int) -> LandmarkBatch:
    """The batch of a step; the same for the same seed and step."""
    random = np.random.default_rng([seed, step])
    side = settings.small_side if step < settings.small_steps else CropSpec().side
    kinds = _kinds(crops, settings, random)
    drawn = [_view(crops, kind, side, settings, random) for kind in kinds]
    views, stores, rows = zip(*drawn, strict=True)
    trust, mask_trust = (
        [float(getattr(store, name)[row]) for store, row in zip(stores, rows, strict=True)]
        for name in ("trust", "mask_trust")
    )
    return make_batch(list(views), trust, mask_trust, settings.sigma, settings.people.occluded)


def _kinds(crops: LandmarkCrops, settings: LandmarkViews, random: np.random.Generator) -> list[str]:
    """Which kind of crop each view of a batch is of."""
    if crops.people is None:
        return ["single"] * settings.batch
    shares = settings.people
    rest = 1 - shares.marked - shares.street
    share = (shares.marked, shares.street, rest * shares.dressed, rest * (1 - shares.dressed))
    return [str(kind) for kind in random.choice(("marked", "street", "dressed", "single"), settings.batch, p=share)]


def _view(
    crops: LandmarkCrops, kind: str, side: int, settings: LandmarkViews, random: np.random.Generator
) -> tuple[View, CropStore, int]:
    """A view, and the crop that it is of."""
    people = crops.people
    if people is not None and kind in ("marked", "street"):
        store = people.marked.garments if kind == "marked" else people.street.garments
        row = int(random.integers(len(store)))
        return worn_view(store, row, side, people.street.covers, settings.people.covered, random), store, row
    row = int(random.choice(len(crops.single), p=crops.weights))
    if people is not None and kind == "dressed":
        return dressed_view(crops.single, row, side, people.street.covers, random), crops.single, row
    return random_view(crops.single, row, side, settings.augmentation, random), crops.single, row


_HIDDEN_PLACE = 0.5
"""How much the place of a hidden point counts."""
