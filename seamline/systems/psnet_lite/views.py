"""The views that training and calibration look at: of several stores, each with the features of its views."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.data.copies.worn import worn_labels
from seamline.data.label_file import Label
from seamline.data.street import TRAINING_PHOTOS
from seamline.data.street_landmarks import FILE
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet_lite.encoder import Encoder
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.repainted import build_repainted_store
from seamline.systems.psnet_lite.shallow_features import shallow_features
from seamline.systems.psnet_lite.stored_views import StoredViews
from seamline.training.crops import build_store
from seamline.training.generated_copies import build_view_store
from seamline.training.second_photos import build_second_photo_store
from seamline.training.sources import Sources

_LEAST_WORN = 20
"""Garments on people from which on they are learnt from, and some kept apart for the calibration."""


def worn_originals(sources: Sources, options: RetrievalOptions) -> list[Label]:
    """Garments that people wear, of photos that train networks; none where there are few. Those that cannot be used are
    named on standard error."""
    if not (options.worn.levels and (sources.photos / FILE).is_file()):
        return []
    found = worn_labels(sources.photos, sources.work / "worn", range(1, TRAINING_PHOTOS + 1))
    for sentence in found.refused:
        print(f"left out: {sentence}", file=sys.stderr)
    labels = trusted(found.labels, options.trust)
    return labels if len(labels) >= _LEAST_WORN else []


def worn_views(
    originals: Sequence[Label], sources: Sources, encoder: Encoder, options: RetrievalOptions
) -> StoredViews | None:
    """The garments that people wear, and copies of them; None without any."""
    if not originals:
        return None
    work = sources.work
    places = originals, sources.photos, work / "worn"
    store = build_view_store(*places, work / "copies-worn", options.worn, options.threads_for_copies)
    return StoredViews.of([(store, shallow_features(encoder, store, DEFAULT_SPEC, work / "shallow-copies-worn"))])


def trusted(labels: Sequence[Label], trust: float) -> list[Label]:
    """The labels whose points, box and mask can be trusted that far."""
    return [label for label in labels if label.mask and min(label.trust, label.box_trust) >= trust]


def views_of(
    sources: Sources, encoder: Encoder, labels: Sequence[Label], options: RetrievalOptions, name: str, seed: int
) -> StoredViews:
    """The views of these labels that the options ask for, in folders of the work folder that end in `name`."""
    work, processes = sources.work, options.threads_for_copies
    places = labels, sources.photos, sources.labels
    copies = build_view_store(*places, work / f"copies-{name}", options.copies, processes)
    stores, planned = [(copies, work / f"shallow-copies-{name}")], [len(options.copies.levels)]
    if options.second_photos.views:
        folder = work / f"second-photos-{name}"
        second = build_second_photo_store(*places, folder, options.second_photos, processes)
        stores.append((second, work / f"shallow-second-photos-{name}"))
        planned.append(options.second_photos.views)
    if options.repainted:
        crops = build_store(*places, work / f"crops-{name}")
        chosen = np.arange(len(labels)).tolist()
        repainted = build_repainted_store(crops, chosen, options.repainted, work / f"repainted-{name}", seed)
        stores.append((repainted, work / f"shallow-repainted-{name}"))
        planned.append(options.repainted)
    found = [(store, shallow_features(encoder, store, DEFAULT_SPEC, folder)) for store, folder in stores]
    return StoredViews.of(found, planned)


@dataclasses.dataclass(frozen=True)
class CalibratingViews:
    """Garments that nothing is learnt from: `views` of N, and which of them [N] are `further` copies, on which the
    probability alone is calibrated."""

    views: StoredViews
    further: NDArray[np.bool_]

    @classmethod
    def of(cls, flat: StoredViews, worn: StoredViews | None, options: RetrievalOptions) -> CalibratingViews:
        """The copies that calibrate, of flat garments and, after these, of garments on people."""
        views = flat.with_copies((*options.calibration_copies, *options.probability_copies))
        if worn is not None:
            views = views.beside(worn.with_copies(options.calibration_worn))
        of_flat = views.garment < flat.garments
        return cls(views, of_flat & np.isin(views.copy, options.probability_copies))


def divided(views: StoredViews, every: int) -> tuple[StoredViews, StoredViews]:
    """The garments to learn from, and every so many-th, which is not."""
    held_out = kept_apart(views.garments, every)
    return views.only(~held_out), views.only(held_out)


def photos_kept_apart(originals: Sequence[Label], every: int) -> frozenset[str]:
    """The photos of the garments that `divided` keeps apart of these."""
    apart = kept_apart(len(originals), every)
    return frozenset(label.photo for label, held_out in zip(originals, apart, strict=True) if held_out)


def kept_apart(garments: int, every: int) -> NDArray[np.bool_]:
    """Which of so many garments are not learnt from, [garments]: every so many-th; two of a handful."""
    every = min(every, max(2, garments // 2))
    chosen: NDArray[np.bool_] = np.arange(garments) % every == every - 1
    return chosen
