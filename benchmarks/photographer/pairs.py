"""Garments to compare: pairs of real photos, and training photos with a trusted silhouette."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.photographer.colours import colour_of
from benchmarks.photographer.vectors import Box, Floats, Grids, alikeness
from seamline.core.errors import BadOption
from seamline.core.image import Pixels, decode
from seamline.data.copies.originals import sample_of
from seamline.data.copies.sample import GarmentSample
from seamline.data.landmark_labels import annotated_names, label_photo, photo_names
from seamline.data.mask_box import mask_box
from seamline.data.photographer import Photographer, PhotographerParams, grounds_of
from seamline.evaluation.real_pairs import read_pairs

LEAST_TRUST = 0.85
"""Of a silhouette that garments are cut out by."""

_GROUNDS = 40


def real_pairs(photos: Path) -> list[tuple[str, str]]:
    """The first two photos of each group of one garment, unless one of them shows its back: no photographer turns a
    garment over in a picture. Raises BadOption where there are none."""
    file = photos / "pairs.json"
    groups = json.loads(file.read_text(encoding="utf-8"))["same_item"] if file.is_file() else []
    pairs = [group["photos"][:2] for group in groups if len({*group["back"]} & {*group["photos"][:2]}) != 1]
    if not pairs:
        raise BadOption(f"{photos} has no pairs.json with pairs of photos of one garment")
    return [(first, second) for first, second in pairs]


def boxed(photos: Path, work: Path, names: Sequence[str]) -> list[tuple[Pixels, Box]]:
    """Photos (H, W, 3) and the boxes of their silhouettes; the whole photo where nothing stands out."""
    found = []
    for name in names:
        rgb, label = decode((photos / name).read_bytes()).rgb, label_photo(photos, work, name)
        whole = (0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0]))
        found.append((rgb, whole if label is None else label.box))
    return found


def training_garments(photos: Path, work: Path, count: int, seed: int) -> list[GarmentSample]:
    """Garments of training photos that no pair names, at random, whose silhouettes are trusted; as many of each class
    as the pairs have, in proportion."""
    pairs = read_pairs(photos)
    left_out = {*pairs.photos, *annotated_names(photos), *(name for group in pairs.uncounted for name in group)}
    names = [name for name in photo_names(photos) if "/train/" in name and name not in left_out]
    names = [names[int(index)] for index in np.random.default_rng(seed).permutation(len(names))]
    classes = Counter(Path(group[0]).parent.name for group in pairs.same_item)
    garments: list[GarmentSample] = []
    for clothing, pairs_of_it in sorted(classes.items()):
        wanted = round(count * pairs_of_it / classes.total())
        of_it = (name for name in names if Path(name).parent.name == clothing)
        garments += islice(_trusted(photos, work, of_it), wanted)
    return garments


def _trusted(photos: Path, work: Path, names: Iterable[str]) -> Iterator[GarmentSample]:
    for name in names:
        label = label_photo(photos, work, name)
        if label is not None and label.mask is not None and label.box_trust >= LEAST_TRUST:
            yield sample_of(label, photos, work)


class Comparison:
    """Compares photos of training garments with what a photographer makes of them."""

    def __init__(self, network: Grids, garments: Sequence[GarmentSample], seed: int) -> None:
        self._network, self._garments, self._seed = network, garments, seed
        self.vectors = network((sample.rgb, mask_box(sample.mask)) for sample in garments)
        self.mean: Floats = self.vectors.mean(0)
        random = np.random.default_rng(seed)
        self._grounds = grounds_of(garments, _GROUNDS, random)

    def simulated(self, params: PhotographerParams) -> tuple[Floats, Floats]:
        """Cosines (n,) of each garment's photo and one second photo of it, and how its colour differs (n, 3); what is
        hidden altogether is left out."""
        photographer = Photographer(params, self._grounds)
        shots, kept, colours = [], [], []
        for number, sample in enumerate(self._garments):
            random = np.random.default_rng([self._seed, number])
            shot = photographer.photograph(sample.rgb, sample.mask, sample.points, random)
            if shot.mask is not None and shot.mask.any():
                shots.append((shot.rgb, mask_box(shot.mask)))
                kept.append(number)
                colours.append(colour_of(shot.rgb, shot.mask) - colour_of(sample.rgb, sample.mask))
        return alikeness(self.vectors[kept], self._network(shots), self.mean), np.array(colours, np.float32)

    def others(self) -> Floats:
        """Cosines of each garment's photo and that of another one of its category."""
        found = []
        for number, sample in enumerate(self._garments):
            same = [n for n, one in enumerate(self._garments) if one.category == sample.category and n != number]
            if same:
                found.append((number, same[number % len(same)]))
        first, second = (list(side) for side in zip(*found, strict=True))
        return alikeness(self.vectors[first], self.vectors[second], self.mean)
