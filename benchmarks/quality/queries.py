"""Suspect photos made from held-out originals: photos of the same garment, and copies with regions redesigned."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality.truth import regions_of
from seamline.data.label_file import Label
from seamline.data.rephotograph import choose_ground, ground_of, recompressed, redesigned, region_parts, rephotographed
from seamline.image import Pixels, decode
from seamline.spec import MIRRORED, REGIONS, Spec

_GROUNDS = 24
_LEAST_REGIONS = 4
_LEAST_SHARE = 0.02
"""A region is redesigned only if it is at least this share of the garment, so that the change can be seen."""


@dataclasses.dataclass(frozen=True)
class Query:
    """A suspect photo's file and where it comes from.

    `changed`, `kept`: indices of the regions that were and were not redesigned, in the suspect photo's own left and
    right; empty where the regions of the original are not known.
    """

    data: bytes
    original: str
    mirrored: bool
    changed: tuple[int, ...]
    kept: tuple[int, ...]


def same_garment(photos: Path, labels: Path, sources: Sequence[Label], seed: int) -> Iterator[Query]:
    """Each original on another ground, relit and recompressed; every second one mirrored."""
    grounds = _grounds(photos, labels, sources, seed)
    for place, label in enumerate(sources):
        random = _random(label, seed)
        rgb, mask = _read(photos, labels, label)
        ground = choose_ground(grounds, mask.shape, random)
        taken = rephotographed(rgb, mask, ground, mirror=place % 2 == 1, random=random)
        yield Query(recompressed(taken.rgb, random), label.photo, taken.mirrored, (), ())


def partial_copies(photos: Path, labels: Path, sources: Sequence[Label], seed: int, spec: Spec) -> Iterator[Query]:
    """The same with one or two regions recoloured or reprinted, of the originals whose regions are known."""
    grounds = _grounds(photos, labels, sources, seed + 1)
    place = 0
    for label in sources:
        random = _random(label, seed + 1)
        rgb, mask = _read(photos, labels, label)
        parts = region_parts(mask, *regions_of(label.box, label.points, label.category, spec))
        least = _LEAST_SHARE * np.count_nonzero(mask)
        seen = [index for index, part in enumerate(parts) if np.count_nonzero(part) > least]
        if len(seen) < _LEAST_REGIONS or label.trust < 0.5:
            continue
        place += 1
        changed = [int(index) for index in random.choice(seen, int(random.integers(1, 3)), replace=False)]
        for index in changed:
            rgb = redesigned(rgb, parts[index], random)
        ground = choose_ground(grounds, mask.shape, random)
        taken = rephotographed(rgb, mask, ground, mirror=place % 2 == 0, random=random)
        kept = [index for index in seen if index not in changed]
        sides = MIRRORED if taken.mirrored else tuple(range(len(REGIONS)))
        yield Query(
            recompressed(taken.rgb, random), label.photo, taken.mirrored,
            tuple(sides[index] for index in changed), tuple(sides[index] for index in kept),
        )  # fmt: skip


def contact_sheet(queries: Sequence[Query], columns: int = 10, side: int = 160) -> Pixels:
    """The suspect photos side by side, to be looked at."""
    rows = -(-len(queries) // columns)
    sheet = Image.new("RGB", (columns * side, rows * side), (90, 90, 90))
    for place, query in enumerate(queries):
        picture = Image.fromarray(decode(query.data).rgb)
        picture.thumbnail((side, side))
        sheet.paste(picture, (place % columns * side, place // columns * side))
    return np.asarray(sheet, np.uint8)


def _random(label: Label, seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, zlib.crc32(label.photo.encode())))


def _read(photos: Path, labels: Path, label: Label) -> tuple[Pixels, NDArray[np.uint8]]:
    rgb = decode((photos / label.photo).read_bytes(), max(label.width, label.height)).rgb
    return rgb, np.asarray(Image.open(labels / str(label.mask)), np.uint8)


def _grounds(photos: Path, labels: Path, sources: Sequence[Label], seed: int) -> list[Pixels]:
    random = np.random.default_rng(seed)
    chosen = random.choice(len(sources), min(_GROUNDS, len(sources)), replace=False)
    return [ground_of(*_read(photos, labels, sources[int(index)]), random) for index in chosen]
