"""Drawn garments as training data: photos, masks and exact landmarks in a folder, with a label file.

They bring what flat-lay photos lack: slings, vests and outwear, and landmarks where a silhouette shows none.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from seamline.core.spec import CATEGORIES, LANDMARKS
from seamline.data.label_file import Label, write_labels
from seamline.synthetic import Drawn, draw_sample
from seamline.training.progress import tracked

LONG_SIDE = 384


def drawn_labels(folder: Path, count: int, seed: int) -> list[Label]:
    """Labels of `count` drawn garments, category after category; pictures that `folder` lacks are drawn.

    A picture depends on nothing but the seed and its number. Photos and masks are named absolutely.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels = [_label(folder.resolve(), number, seed) for number in tracked("drawn garments", range(count), count)]
    write_labels(folder / "labels.jsonl", labels)
    return labels


def _label(folder: Path, number: int, seed: int) -> Label:
    label = folder / f"{seed}-{number:05d}.json"
    if label.is_file():
        return Label.from_line(label.read_text(encoding="utf-8"))
    category = CATEGORIES[number % len(CATEGORIES)]
    drawn = draw_sample(np.random.default_rng([seed, number]), LONG_SIDE, category)
    made = _save(folder, f"{seed}-{number:05d}", drawn)
    label.write_text(made.to_line(), encoding="utf-8")
    return made


def _save(folder: Path, name: str, drawn: Drawn) -> Label:
    photo, mask = folder / f"{name}.jpg", folder / f"{name}.png"
    Image.fromarray(drawn.rgb).save(photo, quality=90)
    Image.fromarray(drawn.mask).save(mask)
    height, width = drawn.mask.shape
    points = {landmark: drawn.landmarks.get(landmark) for landmark in LANDMARKS}
    return Label(str(photo), width, height, drawn.box, drawn.category, points, "drawn", str(mask))
