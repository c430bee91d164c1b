"""A folder of photos with drawn street photos: a coat on a person, partly below hair, with pixel labels and points."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.data.street_landmarks import FILE

NAMES = ("null", "skin", "hair", "coat")
WIDTH, HEIGHT = 120, 200


def people_folder(folder: Path, count: int) -> Path:
    """`count` photos in `folder`, each with a label of part train."""
    (folder / "street" / "images").mkdir(parents=True)
    (folder / "street" / "labels").mkdir()
    names = "".join(f"{value} {name}\n" for value, name in enumerate(NAMES))
    (folder / "street" / "label_names.txt").write_text(names)
    lines = [json.dumps(_photo(folder, number)) for number in range(1, count + 1)]
    (folder / FILE).write_text("".join(f"{line}\n" for line in lines))
    return folder


def _photo(folder: Path, number: int) -> dict[str, object]:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[40:160, 30:90] = NAMES.index("coat")
    labels[20:70, 30:50] = NAMES.index("hair")
    colours = np.random.default_rng(number).integers(0, 256, (len(NAMES), 3), np.uint8)
    Image.fromarray(colours[labels]).save(folder / "street" / "images" / f"{number:04d}.jpg")
    Image.fromarray(labels).save(folder / "street" / "labels" / f"{number:04d}.png")
    points = {"neck_left": [45, 42], "neck_right": [75, 42], "hem_left": [31, 158], "hem_right": [89, 158]}
    visible = {"neck_left": 1, "neck_right": 2, "hem_left": 2, "hem_right": 2, "cuff_left_outer": 0}
    return {
        "file": f"street/images/{number:04d}.jpg", "part": "train", "label": "coat", "bbox": [30, 40, 90, 160],
        "points": {**points, "cuff_left_outer": None}, "visible": visible, "pose": "front", "quality": "clean",
    }  # fmt: skip
