"""A folder of drawn garments with copies among them, and a manifest that tells which copies what."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from seamline.core.spec import CATEGORIES
from seamline.synthetic.design import Design
from seamline.synthetic.design_sampler import hard_negative, random_design
from seamline.synthetic.redesign import random_changes, redesign
from seamline.synthetic.sample import photograph

MANIFEST = "manifest.json"

_LONG_SIDES = (400, 480, 560, 640)
_HARD_NEGATIVES = 0.15


@dataclasses.dataclass(frozen=True)
class Item:
    """One garment to draw. `based_on`: the original that a copy repeats or a hard negative resembles, else None."""

    number: int
    kind: str
    based_on: int | None
    seed: int

    @property
    def name(self) -> str:
        return f"garment-{self.number:04d}"


def plan(originals: int, copies: int, seed: int) -> list[Item]:
    """Originals first, every seventh or so a hard negative of an earlier one, then copies of distinct originals.

    Raises ValueError where there are more copies than originals.
    """
    if not 0 <= copies <= originals:
        raise ValueError(f"{copies} copies need at least as many originals, not {originals}")
    rng = np.random.default_rng([seed, originals, copies])
    items = []
    for number in range(originals):
        negative = number >= len(CATEGORIES) and rng.random() < _HARD_NEGATIVES
        items.append(
            Item(
                number,
                "hard negative" if negative else "original",
                number - len(CATEGORIES) if negative else None,
                seed,
            )
        )
    copied = rng.permutation(originals)[:copies]
    return items + [Item(originals + index, "copy", int(number), seed) for index, number in enumerate(copied)]


def design_of(number: int, items: list[Item]) -> Design:
    """The design of an original or hard negative; a hard negative's original may be one itself."""
    item = items[number]
    rng = np.random.default_rng([item.seed, number, 0])
    if item.kind == "hard negative" and item.based_on is not None:
        return hard_negative(design_of(item.based_on, items), rng)
    return random_design(rng, CATEGORIES[number % len(CATEGORIES)])


def draw_catalogue(
    folder: Path,
    originals: int,
    copies: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
    processes: int = 2,
) -> dict[str, Any]:
    """Draw JPEG files and manifest.json into `folder` (made if missing) and return the manifest.

    `progress` is called with (drawn, total). The files depend on `originals`, `copies` and `seed` only. Raises
    ValueError for more copies than originals, OSError where the folder cannot be written.
    """
    items = plan(originals, copies, seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for row in _drawn(folder, items, processes):
        rows.append(row)
        if progress is not None:
            progress(len(rows), len(items))
    manifest = {"seed": seed, "garments": rows}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest


def _drawn(folder: Path, items: list[Item], processes: int) -> Iterator[dict[str, Any]]:
    jobs = [(folder, item.number, items) for item in items]
    if processes <= 1:
        yield from map(_draw, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, context) as pool:
        yield from pool.map(_draw, jobs, chunksize=4)


def _draw(job: tuple[Path, int, list[Item]]) -> dict[str, Any]:
    """Draw one item's file; returns its row of the manifest."""
    folder, number, items = job
    cv2.setNumThreads(1)
    item = items[number]
    rng = np.random.default_rng([item.seed, number, 1])
    long_side = int(rng.choice(_LONG_SIDES))
    changed: tuple[str, ...] = ()
    if item.kind == "copy" and item.based_on is not None:
        changed = random_changes(rng)
        design = redesign(design_of(item.based_on, items), changed, rng)
        drawn = photograph(design, rng, long_side, mirrored=bool(rng.random() < 0.3))
    else:
        drawn = photograph(design_of(number, items), rng, long_side, mirrored=False)
    path = folder / f"{item.name}.jpg"
    Image.fromarray(drawn.rgb).save(path, quality=int(rng.integers(82, 94)))
    height, width = drawn.rgb.shape[:2]
    original = None if item.based_on is None else items[item.based_on].name
    return {
        "id": item.name,
        "file": path.name,
        "category": drawn.category,
        "copy_of": original if item.kind == "copy" else None,
        "looks_like": original if item.kind == "hard negative" else None,
        "changed_regions": list(changed),
        "mirrored": drawn.mirrored,
        "width": width,
        "height": height,
        "box": [round(value, 2) for value in drawn.box],
        "landmarks": {name: [round(x, 2), round(y, 2)] for name, (x, y) in drawn.landmarks.items()},
    }
