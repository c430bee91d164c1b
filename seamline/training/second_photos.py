"""Views of second photos: the same garment photographed again, in other colours, and worn by people of other photos;
kept in a store."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.core.spec import CropSpec
from seamline.data.copies import COPY_PARTS, Copy, GarmentSample, background_of, sample_of
from seamline.data.copies.cross import cross_copy
from seamline.data.copies.levels import CROSS, CROSS_VERSION
from seamline.data.copies.worn import worn_labels
from seamline.data.copies.worn_points import LOWER
from seamline.data.label_file import Label
from seamline.data.photographer import PRESETS, Photographer, PhotographerParams
from seamline.data.photographer.dye import dyed
from seamline.data.street import TRAINING_PHOTOS
from seamline.data.street_landmarks import FILE
from seamline.training.generated_copies import made_in_processes, original_view, view_of
from seamline.training.views import StoredView, ViewStore, cached_views

_GROUNDS = 40
_WEARERS = 12
"""Garments on people in whose place a copy may be worn, drawn for each copy."""

_LEAST_SEEN = 400
"""Pixels of the garment that a second photo shows at least."""


@dataclasses.dataclass(frozen=True)
class SecondPhotoPlan:
    """The views of one garment: `photographs` of it by `photographer`, others of it `dyed` in other colours, and
    `worn` copies of it on people, where the folder of photos has people with landmarks and the garment fits one.

    Of a dyed garment the whole is kept; whether its regions are is not said.
    """

    photographs: int = 3
    dyed: int = 1
    worn: int = 1
    photographer: PhotographerParams = PRESETS["real pairs"]
    seed: int = 0

    @property
    def views(self) -> int:
        """At most so many."""
        return self.photographs + self.dyed + self.worn


def build_second_photo_store(
    labels: Sequence[Label], photos: Path, masks: Path, folder: Path, plan: SecondPhotoPlan, processes: int = 2
) -> ViewStore:
    """The originals of these labels and their second photos in `folder`, made there unless they are there already.

    `photos`, `masks`: folders that the labels' relative paths start from. Grounds come from the same labels, people
    from the street photos that train networks.
    """
    worn, worn_masks = _people(photos, folder) if plan.worn else ((), folder)
    maker = _Maker(tuple(labels), photos, masks, worn, worn_masks, plan)
    digest = hashlib.sha256(f"{CROSS_VERSION} {plan} {CropSpec()}".encode())
    for label in (*labels, *worn):
        digest.update(label.to_line().encode())
    most = len(labels) * (1 + plan.views)
    return cached_views(
        folder, digest.hexdigest(), most, lambda: made_in_processes(maker, len(labels), "second photos", processes)
    )


def _people(photos: Path, folder: Path) -> tuple[tuple[Label, ...], Path]:
    """Tops, coats and dresses on people, and the folder of their masks."""
    if not (photos / FILE).is_file():
        return (), folder
    masks = folder.with_name(f"{folder.name}-people")
    found = worn_labels(photos, masks, range(1, TRAINING_PHOTOS + 1)).labels
    return tuple(label for label in found if label.category not in LOWER), masks


@dataclasses.dataclass(frozen=True)
class _Maker:
    """Makes all views of a label; every label has a generator of its own, so that the order does not matter."""

    labels: tuple[Label, ...]
    photos: Path
    masks: Path
    worn: tuple[Label, ...]
    worn_masks: Path
    plan: SecondPhotoPlan

    def __call__(self, index: int) -> list[StoredView]:
        cv2.setNumThreads(1)
        random = np.random.default_rng([self.plan.seed, index])
        original = self._sample(index)
        copies = [*self._photographs(original, random), *self._worn_copies(original, random)]
        return [original_view(original), *(view_of(copy, number, random) for number, copy in copies)]

    @cached_property
    def grounds(self) -> Sequence[Pixels]:
        """Pictures of grounds, once a process."""
        random = np.random.default_rng(self.plan.seed)
        chosen = random.permutation(len(self.labels))[:_GROUNDS]
        return [background_of(self._sample(int(index)), random) for index in chosen]

    def _sample(self, index: int) -> GarmentSample:
        return sample_of(self.labels[index], self.photos, self.masks)

    def _wearer(self, place: int) -> GarmentSample:
        return sample_of(self.worn[place], self.photos, self.worn_masks)

    def _photographs(self, original: GarmentSample, random: np.random.Generator) -> Iterator[tuple[int, Copy]]:
        photographer, every = Photographer(self.plan.photographer, self.grounds), tuple(range(len(COPY_PARTS)))
        for number in range(self.plan.photographs + self.plan.dyed):
            other = number >= self.plan.photographs
            rgb = dyed(original.rgb, original.mask, random) if other else original.rgb
            shot = photographer.photograph(rgb, original.mask, original.points, random)
            if shot.mask is None or shot.landmarks is None or np.count_nonzero(shot.mask) < _LEAST_SEEN:
                continue
            sample = GarmentSample(shot.rgb, shot.mask, shot.landmarks, original.category)
            yield number, Copy(sample, (), () if other else every, (), shot.mirrored)

    def _worn_copies(self, original: GarmentSample, random: np.random.Generator) -> Iterator[tuple[int, Copy]]:
        for number in range(self.plan.photographs + self.plan.dyed, self.plan.views):
            sources = [self._sample(int(other)) for other in random.integers(len(self.labels), size=2)]
            tried = [self._wearer(int(place)) for place in random.permutation(len(self.worn))[:_WEARERS]]
            try:
                yield number, cross_copy(original, tried, sources, CROSS, random)
            except ValueError:  # it fits nobody, or nothing of it can be redesigned
                return
