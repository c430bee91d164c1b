"""Which crops the landmark branch learns from in a step, and random views of them."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CropSpec
from seamline.data.flat_points import SET_BY_EYE
from seamline.systems.psnet_lite.landmark_batch import LandmarkBatch, make_batch
from seamline.systems.psnet_lite.landmark_options import LandmarkViews
from seamline.systems.psnet_lite.worn import People
from seamline.systems.psnet_lite.worn_views import dressed_view, worn_view
from seamline.training.augment import View, random_view
from seamline.training.crops import CropStore


@dataclasses.dataclass(frozen=True)
class LandmarkCrops:
    """What views are drawn of: `single` garments, flat or drawn, with the probability [N] of each, and `people`."""

    single: CropStore
    weights: NDArray[np.float64]
    people: People | None = None


def sampling_weights(store: CropStore, settings: LandmarkViews) -> NDArray[np.float64]:
    """Probability of each crop: rare categories more often than they occur, drawn ones and those whose points were set
    by eye at their share."""
    usable = store.trust >= settings.least_trust
    counts = np.bincount(store.category[usable], minlength=1 + int(store.category.max()))
    weight = usable / np.sqrt(np.maximum(counts[store.category], 20))
    sources = np.array([label.source for label in store.labels])
    for source, share in ((SET_BY_EYE, settings.by_eye_share), ("drawn", settings.drawn_share)):
        weight = _with_share(weight, sources == source, share)
    return weight / weight.sum()


def _with_share(weight: NDArray[np.float64], chosen: NDArray[np.bool_], share: float) -> NDArray[np.float64]:
    """The chosen ones make up that share of the sum, where there are any, and others."""
    own, rest = weight[chosen].sum(), weight[~chosen].sum()
    if not own or not rest:
        return weight
    return np.where(chosen, weight * (share / own), weight * ((1 - share) / rest))


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
