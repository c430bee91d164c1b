"""Photos of people who wear copies of a catalogue's garments, and a manifest that tells who wears what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from seamline.synthetic.catalogue import Item, design_of
from seamline.synthetic.design import Design
from seamline.synthetic.redesign import random_changes, redesign
from seamline.synthetic.worn import photograph_worn, wearable

MANIFEST = "people.json"

_LONG_SIDE = 640


def copied_by_people(items: Sequence[Item], count: int) -> list[int]:
    """Numbers of `count` originals that can be worn and of which the catalogue itself holds no copy; of fewer, all."""
    copied = {item.based_on for item in items if item.kind == "copy"}
    every = list(items)
    originals = [item.number for item in items if item.kind == "original" and item.number not in copied]
    free = [number for number in originals if wearable(design_of(number, every))]
    rng = np.random.default_rng([items[0].seed, len(items), 2])
    return [free[int(place)] for place in rng.permutation(len(free))[:count]]


def draw_people(folder: Path, items: Sequence[Item], count: int) -> dict[str, Any]:
    """Draw JPEG files and people.json into `folder` (made if missing) and return the manifest.

    Each of the people wears a copy of another of the catalogue's `items`; the files depend on these and `count` only.
    Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_draw(folder, number, list(items)) for number in copied_by_people(items, count)]
    manifest = {"people": rows}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest


def _draw(folder: Path, number: int, items: list[Item]) -> dict[str, Any]:
    item = items[number]
    rng = np.random.default_rng([item.seed, number, 3])
    design, changed = _copy(design_of(number, items), rng)
    drawn = photograph_worn(design, rng, _LONG_SIDE)
    path = folder / f"person-{number:04d}.jpg"
    Image.fromarray(drawn.rgb).save(path, quality=int(rng.integers(82, 94)))
    return {
        "file": path.name,
        "wears_copy_of": item.name,
        "category": drawn.category,
        "changed_regions": list(changed),
        "box": [round(value, 2) for value in drawn.box],
        "landmarks": {name: [round(x, 2), round(y, 2)] for name, (x, y) in drawn.landmarks.items()},
    }


def _copy(design: Design, rng: np.random.Generator) -> tuple[Design, tuple[str, ...]]:
    """A copy that can still be worn, and the regions that were redesigned."""
    while True:
        changed = random_changes(rng)
        copy = redesign(design, changed, rng)
        if wearable(copy):
            return copy, changed
