"""Geometric changes of a picture that carry its map of garments along, and the boxes that the changed map gives."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from seamline.nn.segmentation_head import PERSON
from seamline.training.detector.album import Picture

Map = NDArray[np.uint8]

_TURN = 14.0
_ALL_CLOTH = 0.93
"""Share of a window from which it shows cloth rather than a garment; nothing tells it from a carpet or a curtain."""

_VISIBLE = 0.25
"""A garment of which less is left after cropping is not asked for."""


@dataclasses.dataclass(frozen=True)
class Tile:
    """A changed picture: its pixels, map of garments and their labels; `seen` is each garment's share that is left,
    `turn` by how many radians it was turned clockwise."""

    rgb: Image.Image
    garments: Map
    labels: tuple[int, ...]
    seen: tuple[float, ...]
    turn: float = 0.0


def turned(picture: Picture, rng: np.random.Generator) -> Tile:
    """Mirrored half the time, turned by a few degrees, which nobody calls a turn, in two of five."""
    rgb, garments = Image.fromarray(picture.rgb), Image.fromarray(picture.garments)
    before = [max(1, int(np.count_nonzero(picture.garments == number + 1))) for number in range(len(picture.labels))]
    if rng.random() < 0.5:
        rgb, garments = (image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in (rgb, garments))
    if picture.exact and rng.random() < 0.4:
        angle = rng.uniform(-_TURN, _TURN)
        edge = rgb.resize((1, 1)).getpixel((0, 0)) if rng.random() < 0.5 else (124, 116, 104)
        rgb = rgb.rotate(angle, Image.Resampling.BILINEAR, fillcolor=edge)
        garments = garments.rotate(angle, Image.Resampling.NEAREST)
    after = np.asarray(garments)
    seen = tuple(np.count_nonzero(after == number + 1) / count for number, count in enumerate(before))
    return Tile(rgb, after, picture.labels, seen)


def cropped(tile: Tile, rng: np.random.Generator) -> Tile:
    """A window of a tile: all of it, a random part, or close around its garments."""
    width, height = tile.rgb.size
    choice = rng.random()
    if choice < 0.3 or not of_garments(tile.garments).any():
        return tile
    if choice < 0.55:
        return around_garments(tile, rng.uniform(0.0, 0.12))
    scale = rng.uniform(0.6, 1.0)
    w, h = (round(side * min(1.0, scale * np.exp(rng.uniform(-0.2, 0.2)))) for side in (width, height))
    x, y = rng.integers(width - w + 1), rng.integers(height - h + 1)
    part = window(tile, (int(x), int(y), int(x + w), int(y + h)))
    return tile if np.mean(of_garments(part.garments)) > _ALL_CLOTH else part


def of_garments(garments: Map) -> NDArray[np.bool_]:
    """Where a map shows a garment, rather than nothing or the rest of a person."""
    shown: NDArray[np.bool_] = (garments > 0) & (garments != PERSON)
    return shown


def around_garments(tile: Tile, margin: float = 0.0, people: bool = False) -> Tile:
    """The window around all garments of a tile, or around all of the people in them, enlarged by `margin` of its longer
    side."""
    shown = tile.garments > 0 if people else of_garments(tile.garments)
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    if not len(rows):
        return tile
    extra = round(margin * max(len(rows), len(columns)))
    width, height = tile.rgb.size
    x0, y0 = max(0, int(columns[0]) - extra), max(0, int(rows[0]) - extra)
    return window(tile, (x0, y0, min(width, int(columns[-1]) + 1 + extra), min(height, int(rows[-1]) + 1 + extra)))


def window(tile: Tile, box: tuple[int, int, int, int]) -> Tile:
    """Part of a tile."""
    part = tile.garments[box[1] : box[3], box[0] : box[2]]
    seen = tuple(
        share * np.count_nonzero(part == number) / max(1, np.count_nonzero(tile.garments == number))
        for number, share in enumerate(tile.seen, start=1)
    )
    return dataclasses.replace(tile, rgb=tile.rgb.crop(box), garments=part, seen=seen)


def resized(tile: Tile, size: tuple[int, int]) -> Tile:
    """A tile at another size (width, height)."""
    rgb = tile.rgb.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    garments = np.asarray(Image.fromarray(tile.garments).resize(size, Image.Resampling.NEAREST))
    return dataclasses.replace(tile, rgb=rgb, garments=garments)


def placed(
    tile: Tile, room: tuple[int, int, int, int], share: float, rng: np.random.Generator
) -> tuple[Tile, tuple[int, int]]:
    """A tile scaled to `share` of a room and put somewhere in it."""
    width, height = tile.rgb.size
    scale = share * min((room[2] - room[0]) / width, (room[3] - room[1]) / height)
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    x = room[0] + int(rng.integers(max(1, room[2] - room[0] - size[0] + 1)))
    y = room[1] + int(rng.integers(max(1, room[3] - room[1] - size[1] + 1)))
    return resized(tile, size), (x, y)


def stencil(tile: Tile) -> Image.Image:
    """Where a tile shows a garment or a person, with a soft edge."""
    return Image.fromarray(np.where(tile.garments > 0, 255, 0).astype(np.uint8)).filter(ImageFilter.BoxBlur(0.7))


def boxes_of(tile: Tile) -> list[tuple[tuple[float, float, float, float], int, int]]:
    """Boxes, labels and numbers in the map of the garments of which enough is left."""
    found = []
    for number, (label, seen) in enumerate(zip(tile.labels, tile.seen, strict=True), start=1):
        mask = tile.garments == number
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if seen >= _VISIBLE and len(rows):
            box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
            found.append((box, label, number))
    return found
