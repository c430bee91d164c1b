"""The copies of a benchmark: made once, kept as files with the truth about each."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.errors import BadOption
from seamline.core.spec import Spec
from seamline.data import copies as generator
from seamline.data.copies import COPY_PARTS, LEVELS, Copy, GarmentSample, background_of, make_copy, sample_of
from seamline.data.label_file import Label
from seamline.data.mask_box import mask_box
from seamline.evaluation.cache import key_of, mapped

Floats = NDArray[np.float32]

SOURCES, BACKGROUNDS = 10, 4
"""Other garments and backgrounds that a copy may take from, drawn for each original."""

_QUALITY = 97
"""Of the files: the generator has compressed the photo as strongly as the level wants already."""


def places_of_copy_parts(spec: Spec) -> tuple[int, ...]:
    """Which part of a system each of COPY_PARTS is; none where it has not all of them."""
    names = spec.parts.names
    return tuple(names.index(part) for part in COPY_PARTS) if set(COPY_PARTS) <= set(names) else ()


@dataclasses.dataclass(frozen=True)
class PositiveCopy:
    """A copy and the truth about it.

    `file`: the photo; `original`: the name of the photo it is copied from; `box` and `points` (K, 3): of the copied
    garment in the copy's own pixels; `redesigned`, `kept`: region indices in the original's left and right; `sources`:
    photos that it could take from.
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


@dataclasses.dataclass(frozen=True)
class CopyPlan:
    """Which copies: `count` of each original, of one level and seed.

    `folder` holds the masks that labels name; `regions`: how many are redesigned, by default as the level says.
    """

    photos: Path
    folder: Path
    originals: tuple[Label, ...]
    level: str
    count: int
    seed: int
    regions: int | None = None

    def key(self) -> str:
        """Names everything that the pixels depend on, the generator's own code included."""
        numbers = dataclasses.replace(self, photos=Path(), folder=Path())
        lines = [label.to_line() for label in numbers.originals]
        return key_of(
            _code(), LEVELS[self.level], self.level, self.count, self.seed, self.regions, SOURCES, BACKGROUNDS, *lines
        )


def make_copies(plan: CopyPlan, cache: Path, processes: int) -> list[PositiveCopy]:
    """The plan's copies; made before, they are read from `cache`. Raises BadOption for photos that train networks."""
    check_development(label.photo for label in plan.originals)
    folder = cache / f"copies-{plan.level}-{plan.key()}"
    truth = folder / "copies.jsonl"
    if not truth.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        jobs = range(len(plan.originals))
        made = mapped(f"{plan.level} copies", _open, (plan, folder), jobs, processes)
        lines = [_line(one) for copies in made for one in copies]
        beside = truth.with_suffix(".partial")
        beside.write_text("".join(lines), encoding="utf-8")
        beside.replace(truth)
    made_copies = [_made(line, folder) for line in truth.read_text(encoding="utf-8").splitlines()]
    check_development(name for one in made_copies for name in (one.original, *one.sources))
    return made_copies


def check_development(names: Iterable[str]) -> None:
    """Raises BadOption where a photo of the training split would be an original, a source or a background."""
    trained = sorted(name for name in names if "validation" not in Path(name).parts)
    if trained:
        raise BadOption(f"copies are made of flatlay/validation only; {trained[0]} may have trained the networks")


def _code() -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(generator.__path__[0]).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _open(plan: CopyPlan, folder: Path) -> Callable[[int], list[PositiveCopy]]:
    cv2.setNumThreads(1)  # each process has a core of its own
    return partial(_copy, plan, folder)


def _copy(plan: CopyPlan, folder: Path, index: int) -> list[PositiveCopy]:
    """The copies of one original, whatever the others are: all drawing follows from its name and the seed."""
    label = plan.originals[index]
    name = zlib.crc32(label.photo.encode())
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
            copy = make_copy(original, sources, backgrounds, LEVELS[plan.level], own, plan.regions)
        except ValueError:  # a garment of which no region is known or can be redesigned
            continue
        file = folder / f"{name:08x}-{number}.jpg"
        Image.fromarray(copy.sample.rgb).save(file, "JPEG", quality=_QUALITY, subsampling=0)
        made.append(_ground_truth(copy, file, label.photo, tuple(others[int(place)].photo for place in chosen)))
    return made


def _sample(plan: CopyPlan, label: Label) -> GarmentSample:
    return sample_of(label, plan.photos, plan.folder)


def _ground_truth(copy: Copy, file: Path, original: str, sources: tuple[str, ...]) -> PositiveCopy:
    sample = copy.sample
    return PositiveCopy(
        file, original, sample.category, mask_box(sample.mask), sample.points, copy.redesigned, copy.kept,
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
