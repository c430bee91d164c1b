"""A folder of drawn photos as an evaluation takes it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.data.drawn_people import draw_people
from tests.data.shapes import LONGSLEEVE, TROUSERS, TSHIRT, photo_of

SPLITS = "validation", "train"
SHAPES = {"t-shirt": TSHIRT, "longsleeve": LONGSLEEVE, "pants": TROUSERS}


def draw_photos(folder: Path) -> Path:
    """Six flat-lay photos, half of them held out, one of those annotated, and four in pairs; three street photos."""
    clothes = [clothing for clothing in SHAPES for _ in range(2)]
    names = [f"flatlay/{SPLITS[place % 2]}/{clothing}/{place}.jpg" for place, clothing in enumerate(clothes)]
    for place, (name, clothing) in enumerate(zip(names, clothes, strict=True)):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        drawn = photo_of(SHAPES[clothing], seed=place)
        Image.fromarray(drawn[..., np.random.default_rng(place).permutation(3)]).save(file, quality=92)
    entry = {
        "file": "flatlay/validation/t-shirt/0.jpg",
        "bbox": [30, 60, 271, 341],
        "points": {**TSHIRT, "crotch": None},
    }
    (folder / "landmarks.json").write_text(json.dumps([entry]))
    names = [
        f"flatlay/{('validation', 'train')[place % 2]}/{tuple(SHAPES)[place // 2]}/{place}.jpg" for place in range(6)
    ]
    pairs = {"same_item": [{"photos": names[:2], "back": []}], "other_colour": [names[2:4]], "near_duplicates": []}
    (folder / "pairs.json").write_text(json.dumps(pairs))
    return draw_people(folder, {800: "train", 801: "dev", 802: "dev"})
