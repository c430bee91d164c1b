"""`python -m benchmarks.speed.path PHOTOS`: what the operations in Python cost, done as they are served and otherwise.

Every photo goes through the whole of `embed` in this process, once with each way in the place of the served one, in
turns. Times are milliseconds of processor time, of the operation alone and of the whole path; the cosine is the least
between a region's vectors of that way and of the served one, over the photos in which both find as many garments.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_json, add_model_repository, add_photos, parser_of
from benchmarks.speed.path import before, others
from seamline.serving.local_pipeline import Garments, ServedPath

_WARM_UP = 3
_SUFFIXES = {".jpg", ".jpeg"}

DECODE, LETTERBOX, CROP, POOL = (
    "seamline.core.image.decode", "seamline.core.image.letterbox", "seamline.serving.crop.crop_square",
    "seamline.systems.psnet.region_pool.roi_align",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Way:
    """`place` is where the function is called from that `other` takes the place of; None is the served way."""

    name: str
    place: str
    other: Callable[..., Any] | None
    kept: str = ""
    """What `other` exchanges instead of the function in `place`, whose time is taken."""


@dataclasses.dataclass
class Measured:
    """Milliseconds of the operation and of the whole path, photo by photo, and the answers."""

    way: Way
    operation: list[float] = dataclasses.field(default_factory=list)
    whole: list[float] = dataclasses.field(default_factory=list)
    answers: list[Garments] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Row:
    """One way's figures."""

    operation: str
    way: str
    milliseconds: float
    whole: float
    counted_alike: float
    least_cosine: float


def ways() -> list[list[Way]]:
    """Ways of one operation, the served one first."""
    decoders = [
        Way("as served: Pillow", DECODE, None),
        Way("Pillow, with a second copy", DECODE, before.with_a_copy, "seamline.core.image._on_white"),
        Way("OpenCV", DECODE, others.decode_opencv),
    ]
    letterboxes = [Way("as served: Pillow", LETTERBOX, None), Way("OpenCV", LETTERBOX, others.letterbox_opencv)]
    crops = [
        Way("as served: Pillow", CROP, None),
        Way("Pillow, from a part where it lies", CROP, before.crop_of_a_part),
        Way("OpenCV", CROP, others.crop_opencv),
    ]
    if others.has("simplejpeg"):
        decoders.append(Way("simplejpeg", DECODE, others.decode_simplejpeg))
        decoders.append(Way("simplejpeg, less exact", DECODE, others.decode_simplejpeg_fast))
    if others.has("cykooz_resizer"):
        letterboxes.append(Way("cykooz.resizer", LETTERBOX, others.letterbox_vectorised))
        crops.append(Way("cykooz.resizer", CROP, others.crop_vectorised))
    pools = [
        Way("as served: all regions at once", POOL, None),
        Way("region by region", POOL, before.pool_region_by_region),
    ]
    return [decoders, letterboxes, crops, pools]


def large_ways() -> list[list[Way]]:
    """Ways to decode photos that are larger than the working side."""
    return [[Way("as served: Pillow", DECODE, None), Way("Pillow, scaled to the side", DECODE, others.decode_smaller)]]


@contextlib.contextmanager
def exchanged(way: Way, spent: list[float]) -> Iterator[None]:
    """The function in the way's place exchanged and timed, while a block runs."""
    module, _, name = way.place.rpartition(".")
    served = getattr(__import__(module, fromlist=[name]), name)
    function = served if way.other is None or way.kept else way.other

    def timed(*arguments: Any, **options: Any) -> Any:
        start = time.thread_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[-1] += (time.thread_time() - start) * 1000

    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch(way.place, timed))
        if way.kept:
            stack.enter_context(mock.patch(way.kept, way.other))
        yield


def compare(path: ServedPath, photos: Sequence[bytes], candidates: Sequence[Way]) -> list[Row]:
    """Every photo through all ways of one operation, in turns."""
    measured = [Measured(way) for way in candidates]
    order, turns = list(measured), random.Random(0)
    for photo in photos:
        turns.shuffle(order)  # the first to see a photo pays for its way into the processor's caches
        for one in order:
            one.operation.append(0.0)
            with exchanged(one.way, one.operation):
                start = time.thread_time()
                one.answers.append(path.embed(photo))
                one.whole.append((time.thread_time() - start) * 1000)
    return [_row(one, measured[0]) for one in measured]


def _row(one: Measured, served: Measured) -> Row:
    pairs = list(zip(one.answers, served.answers, strict=True))
    alike = [(a, b) for a, b in pairs if len(a) == len(b)]
    operation, whole = (float(np.median(spent[_WARM_UP:])) for spent in (one.operation, one.whole))
    name = one.way.place.rpartition(".")[2]
    return Row(name, one.way.name, operation, whole, len(alike) / len(pairs), least_cosine(alike))


def least_cosine(pairs: Sequence[tuple[Garments, Garments]]) -> float:
    """Between the vectors of regions that are visible in either."""
    found = [1.0]
    for a, b in pairs:
        seen = (a.region_visible > 0) | (b.region_visible > 0)
        found += (a.embedding * b.embedding).sum(-1)[seen].tolist()
    return min(found)


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    cv2.setNumThreads(1)
    files = sorted(path for path in arguments.photos.rglob("*") if path.suffix.lower() in _SUFFIXES)
    random.Random(arguments.seed).shuffle(files)
    photos = [file.read_bytes() for file in files[: arguments.requests + _WARM_UP]]
    path = ServedPath.of_repository(arguments.model_repository, threads=1)
    rows = [row for candidates in ways() for row in compare(path, photos, candidates)]
    large = [others.enlarged(photo, arguments.large_side) for photo in photos[: arguments.large + _WARM_UP]]
    large_rows = [row for candidates in large_ways() for row in compare(path, large, candidates)]
    _show(rows, f"{len(photos) - _WARM_UP} photos")
    _show(large_rows, f"{len(large) - _WARM_UP} photos enlarged to {arguments.large_side} pixels")
    if arguments.json is not None:
        figures = {"photos": rows, "enlarged": large_rows}
        arguments.json.write_text(json.dumps(figures, indent=1, default=dataclasses.asdict) + "\n", encoding="utf-8")
    return 0


def _show(rows: Sequence[Row], title: str) -> None:
    table = Table("operation", "way", title=f"{title}: ms, medians", width=120)
    for name in ("operation", "whole path", "same number of garments", "least cosine"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.operation, row.way, f"{row.milliseconds:.2f}", f"{row.whole:.1f}", f"{row.counted_alike:.1%}",
            f"{row.least_cosine:.7f}",
        )  # fmt: skip
    Console(width=120).print(table)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.path", __doc__ or "")
    add_photos(parser, "folder of JPEG photos")
    parser.add_argument("--requests", type=int, default=60, help="photos")
    parser.add_argument("--large", type=int, default=12, help="photos that are also enlarged")
    parser.add_argument("--large-side", type=int, default=4000, help="pixels of the longer side of those")
    add_model_repository(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
