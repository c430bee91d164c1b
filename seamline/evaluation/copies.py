"""The copies of a benchmark: made once, kept as files with the truth about each.

Originals are garments of flat-lay photos, or garments that people wear in street photos; flat ones may be copied by
somebody who wears the copy.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.errors import BadOption
from seamline.core.image import Pixels
from seamline.core.output_files import output_file, write_text
from seamline.core.spec import Spec
from seamline.data.copies import (
    COPY_PARTS,
    Copy,
    GarmentSample,
    background_of,
    make_copy,
    sample_of,
)
from seamline.data.copies.cross import cross_copy
from seamline.data.copies.landmarks import GUESSED
from seamline.data.label_file import Label
from seamline.data.mask_box import mask_box
from seamline.evaluation.cache import mapped
from seamline.evaluation.copy_plan import BACKGROUNDS, SOURCES, CopyPlan, level_named, name_of
from seamline.evaluation.street_items import is_development, photo_of

Floats = NDArray[np.float32]

_QUALITY = 97
"""Of the files: the generator has compressed the photo as strongly as the level wants already."""


def places_of_copy_parts(spec: Spec) -> tuple[int, ...]:
    """Which part of a system each of COPY_PARTS is; none where it has not all of them."""
    names = spec.parts.names
    return tuple(names.index(part) for part in COPY_PARTS) if set(COPY_PARTS) <= set(names) else ()


@dataclasses.dataclass(frozen=True)
class PositiveCopy:
    """A copy and the truth about it.

    `file`: the photo; `original`: the name of the photo, or of the garment in a street photo, that it is copied from;
    `box` and `points` (K, 3): of the copied garment in the copy's own pixels; `redesigned`, `kept`: region indices in
    the original's left and right; `sources`: photos that it could take from.
    """

    file: Path
    original: str
    category: str
    box: tuple[float, ...]
    points: Floats
    redesigned: tuple[int, ...]
    kept: tuple[int, ...]
    edits: tuple[str, ...]
    mirrored: bool
    sources: tuple[str, ...]


def make_copies(plan: CopyPlan, cache: Path, processes: int) -> list[PositiveCopy]:
    """The plan's copies; made before, they are read from `cache`. Raises BadOption for photos that train networks."""
    check_development(label.photo for label in (*plan.originals, *plan.worn))
    folder = cache / f"copies-{plan.level}-{plan.key()}"
    truth = folder / "copies.jsonl"
    if not truth.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        jobs = range(len(plan.originals))
        made = mapped(f"{plan.level} copies", _open, (plan, folder), jobs, processes)
        write_text(truth, "".join(_line(one) for copies in made for one in copies))
    made_copies = [_made(line, folder) for line in truth.read_text(encoding="utf-8").splitlines()]
    check_development(name for one in made_copies for name in (one.original, *one.sources))
    return made_copies


def check_development(names: Iterable[str]) -> None:
    """Raises BadOption where a photo of the training split would be an original, a source or a background."""
    trained = sorted(name for name in names if not _is_held_out(name))
    if trained:
        raise BadOption(
            f"copies are made of flatlay/validation and of street photos that train nothing; {trained[0]} may have "
            "trained the networks"
        )


def _is_held_out(name: str) -> bool:
    parts = Path(photo_of(name)).parts
    return is_development(name) if "street" in parts else "validation" in parts


def _open(plan: CopyPlan, folder: Path) -> Callable[[int], list[PositiveCopy]]:
    cv2.setNumThreads(1)  # each process has a core of its own
    return partial(_copy, plan, folder, [_sample(plan, label) for label in plan.worn])


def _copy(plan: CopyPlan, folder: Path, wearers: Sequence[GarmentSample], index: int) -> list[PositiveCopy]:
    """The copies of one original, whatever the others are: all drawing follows from its name and the seed."""
    label = plan.originals[index]
    name = zlib.crc32(name_of(label).encode())
    random = np.random.default_rng([plan.seed, name])
    others = [other for other in plan.originals if other.photo != label.photo]
    chosen = random.permutation(len(others))[: SOURCES + BACKGROUNDS]
    sources = [_sample(plan, others[int(place)]) for place in chosen[:SOURCES]]
    backgrounds = [background_of(_sample(plan, others[int(place)]), random) for place in chosen[SOURCES:]]
    original = _sample(plan, label)
    made = []
    for number in range(plan.count):
        own = np.random.default_rng([plan.seed, name, number])
        try:
            copy = _made_of(plan, original, sources, backgrounds, wearers, own)
        except ValueError:  # a garment of which no region is known or can be redesigned, or that nobody can wear
            continue
        file = folder / f"{name:08x}-{number}.jpg"
        with output_file(file) as out:
            Image.fromarray(copy.sample.rgb).save(out, "JPEG", quality=_QUALITY, subsampling=0)
        made.append(_ground_truth(copy, file, name_of(label), tuple(others[int(place)].photo for place in chosen)))
    return made


def _made_of(
    plan: CopyPlan,
    original: GarmentSample,
    sources: Sequence[GarmentSample],
    backgrounds: Sequence[Pixels],
    wearers: Sequence[GarmentSample],
    random: np.random.Generator,
) -> Copy:
    level = level_named(plan.level)
    if not plan.worn:
        return make_copy(original, sources, backgrounds, level, random, plan.regions)
    return cross_copy(original, wearers, sources, level, random, plan.regions)


def _sample(plan: CopyPlan, label: Label) -> GarmentSample:
    return sample_of(label, plan.photos, plan.folder)


def _ground_truth(copy: Copy, file: Path, original: str, sources: tuple[str, ...]) -> PositiveCopy:
    """Points that were only guessed measure nothing."""
    sample = copy.sample
    points = np.where(sample.points[:, 2:] > GUESSED, sample.points, 0).astype(np.float32)
    return PositiveCopy(
        file, original, sample.category, mask_box(sample.mask), points, copy.redesigned, copy.kept,
        copy.edits, copy.mirrored, sources,
    )  # fmt: skip


def _line(made: PositiveCopy) -> str:
    data = dataclasses.asdict(made) | {"file": made.file.name, "points": np.round(made.points, 3).tolist()}
    return json.dumps(data) + "\n"


def _made(line: str, folder: Path) -> PositiveCopy:
    data = json.loads(line)
    tuples = {key: tuple(value) for key, value in data.items() if isinstance(value, list) and key != "points"}
    return PositiveCopy(
        **{**data, **tuples, "file": folder / data["file"], "points": np.array(data["points"], np.float32)}
    )
