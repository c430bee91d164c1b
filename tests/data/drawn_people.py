"""Street photos of drawn people: a head, hair over a shoulder, a T-shirt with hand-set points, trousers and a bag."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.spec import LANDMARKS
from tests.data.shapes import TROUSERS, TSHIRT, Points

WIDTH, HEIGHT = 300, 600
NAMES = ("null", "skin", "t-shirt", "pants", "hair", "bag")
_SHIRT_AT, _TROUSERS_AT, _SCALE = (30, 50), (30, 235), 0.8
_COLOURS = ((170, 170, 175), (220, 180, 150), (40, 60, 150), (90, 80, 60), (60, 40, 20), (120, 30, 30))
_OF_TOPS = [name for name in LANDMARKS if name.split("_")[0] in ("neck", "shoulder", "armpit", "waist", "hem", "cuff")]


def draw_people(folder: Path, parts: dict[int, str]) -> Path:
    """FOLDER/street and FOLDER/street_landmarks.jsonl with a photo of each number, whose points are of that part."""
    for name in ("images", "labels"):
        (folder / "street" / name).mkdir(parents=True, exist_ok=True)
    names = "".join(f"{value}\t{name}\n" for value, name in enumerate(NAMES))
    (folder / "street" / "label_names.txt").write_text(names)
    for number in parts:
        labels = pixel_labels()
        Image.fromarray(_photo(labels, number)).save(folder / "street" / "images" / f"{number:04}.jpg", quality=95)
        Image.fromarray(labels).save(folder / "street" / "labels" / f"{number:04}.png")
    lines = [json.dumps(entry(number, part)) + "\n" for number, part in parts.items()]
    (folder / "street_landmarks.jsonl").write_text("".join(lines))
    return folder


def entry(number: int, part: str) -> dict[str, Any]:
    """The T-shirt's line; its left cuff lies behind the bag, and a waist it has not."""
    points: dict[str, Any] = dict.fromkeys(_OF_TOPS)
    points |= {name: list(place) for name, place in placed(TSHIRT, _SHIRT_AT).items()}
    points |= dict.fromkeys(("cuff_left_outer", "cuff_left_inner"))
    shirt = pixel_labels() == NAMES.index("t-shirt")
    rows, columns = np.flatnonzero(shirt.any(1)), np.flatnonzero(shirt.any(0))
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
    return {
        "file": f"street/images/{number:04}.jpg", "part": part, "label": "t-shirt", "bbox": box, "points": points,
        "visible": {name: 2 if point else 0 for name, point in points.items()}, "pose": "front", "quality": "clean",
    }  # fmt: skip


def placed(points: Points, corner: tuple[int, int]) -> Points:
    """A drawn garment's points where the person wears it."""
    return {name: (corner[0] + _SCALE * x, corner[1] + _SCALE * y) for name, (x, y) in points.items()}


def pixel_labels() -> NDArray[np.uint8]:
    """The labels (HEIGHT, WIDTH) of every drawn person."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(labels, (150, 60), (28, 38), 0, 0, 360, (1,), -1)
    for name, garment, corner in (("pants", TROUSERS, _TROUSERS_AT), ("t-shirt", TSHIRT, _SHIRT_AT)):
        outline = np.array(list(placed(garment, corner).values()))
        cv2.fillPoly(labels, [np.round(outline).astype(np.int32)], (NAMES.index(name),))
    cv2.rectangle(labels, (178, 40), (200, 130), (NAMES.index("hair"),), -1)
    cv2.rectangle(labels, (40, 140), (85, 240), (NAMES.index("bag"),), -1)
    return labels


def _photo(labels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    random = np.random.default_rng(seed)
    colours = np.array(_COLOURS, np.float64)
    colours[[2, 3]] = random.uniform(30, 220, (2, 3))
    grain = random.normal(0, 5, (HEIGHT, WIDTH, 3))
    return np.clip(colours[labels] + grain, 0, 255).astype(np.uint8)
