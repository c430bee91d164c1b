"""Training scenes for the detector: photos cropped, turned, shrunk, tiled, cut out and laid on other backgrounds.

A scene is a function of the album and a random generator alone, so that a resumed training sees what it would have seen.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from seamline.image import Pixels, letterbox
from seamline.train.detector_backgrounds import background
from seamline.train.detector_photos import Album, Picture

Map = NDArray[np.uint8]

_LONG_SIDE = 320
_TURN = 14.0
_VISIBLE = 0.25
"""A garment of which less is left after cropping is not asked for."""

_SMALLEST = 6.0
"""Sides in input pixels below which a garment is not asked for."""


@dataclasses.dataclass(frozen=True)
class Mix:
    """How often each kind of scene and each source of photos comes up; the shares are relative."""

    whole: float = 0.5
    shrunk: float = 0.12
    tiled: float = 0.16
    pasted: float = 0.14
    empty: float = 0.08
    silhouette: float = 0.5
    drawn: float = 0.2
    street: float = 0.3


@dataclasses.dataclass(frozen=True)
class Scene:
    """rgb HxWx3, boxes float32 [n,4] in its pixels, labels int64 [n]."""

    rgb: Pixels
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Tile:
    """A changed picture: its pixels, map of garments and their labels; `seen` is each garment's share that is left."""

    rgb: Image.Image
    garments: Map
    labels: tuple[int, ...]
    seen: tuple[float, ...]


class Scenes:
    """Draws scenes from an album."""

    def __init__(self, album: Album, mix: Mix = Mix()) -> None:
        self._album = album
        self._mix = mix
        self._by_source = {
            source: indices
            for source in ("silhouette", "drawn", "street")
            if (indices := [index for index, name in enumerate(album.sources) if name == source])
        }

    def draw(self, rng: np.random.Generator) -> Scene:
        """One scene, of a kind chosen by the mix."""
        mix = self._mix
        kinds: dict[Callable[[np.random.Generator], Scene], float] = {
            self._whole: mix.whole,
            self._shrunk: mix.shrunk,
            self._tiled: mix.tiled,
            self._pasted: mix.pasted,
            self._empty: mix.empty,
        }
        shares = np.array(list(kinds.values()))
        kind = list(kinds)[rng.choice(len(shares), p=shares / shares.sum())]
        scene = kind(rng)
        return dataclasses.replace(scene, rgb=_recoloured(scene.rgb, rng))

    def _picture(self, rng: np.random.Generator) -> Picture:
        shares = np.array([getattr(self._mix, source) for source in self._by_source])
        source = list(self._by_source)[rng.choice(len(shares), p=shares / shares.sum())]
        indices = self._by_source[source]
        return self._album[indices[rng.integers(len(indices))]]

    def _whole(self, rng: np.random.Generator) -> Scene:
        """A crop of one photo."""
        tile = cropped(_turned(self._picture(rng), rng), rng)
        width, height = tile.rgb.size
        scale = rng.uniform(0.7, 1.0) * _LONG_SIDE / max(width, height)
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        return _laid([(resized(tile, size), (0, 0))], Image.new("RGB", size))

    def _shrunk(self, rng: np.random.Generator) -> Scene:
        """A photo on a larger background."""
        ground = self._ground(rng)
        tile = _turned(self._picture(rng), rng)
        return _laid([_placed(tile, (0, 0, *ground.size), rng.uniform(0.3, 0.85), rng)], ground)

    def _tiled(self, rng: np.random.Generator) -> Scene:
        """Two to six photos beside each other."""
        ground = self._ground(rng)
        width, height = ground.size
        columns, rows = ((2, 1), (1, 2), (2, 2), (3, 1), (3, 2))[rng.choice(5, p=(0.35, 0.15, 0.3, 0.15, 0.05))]
        tiles = []
        for cell in range(columns * rows):
            x, y = cell % columns, cell // columns
            room = (x * width // columns, y * height // rows, (x + 1) * width // columns, (y + 1) * height // rows)
            tile = _turned(self._picture(rng), rng)
            tile = cropped(tile, rng) if rng.random() < 0.3 else tile
            tiles.append(_placed(tile, room, rng.uniform(0.7, 1.0), rng))
        return _laid(tiles, ground)

    def _pasted(self, rng: np.random.Generator) -> Scene:
        """One to four cut-out garments on a background."""
        ground = self._ground(rng)
        width, height = ground.size
        columns, rows = ((1, 1), (2, 1), (1, 2), (2, 2))[rng.choice(4, p=(0.35, 0.35, 0.15, 0.15))]
        tiles = []
        for cell in range(columns * rows):
            picture = self._picture(rng)
            x, y = cell % columns, cell // columns
            room = (x * width // columns, y * height // rows, (x + 1) * width // columns, (y + 1) * height // rows)
            tile = around_garments(_turned(picture, rng))
            tiles.append(_placed(tile, room, rng.uniform(0.55, 1.0), rng))
            if not picture.exact:  # a filled box cannot be cut out, so this photo is laid down whole
                return _laid(tiles[-1:], ground)
        return _laid(tiles, ground, cut_out=True)

    def _empty(self, rng: np.random.Generator) -> Scene:
        """No garment at all."""
        return _laid([], self._ground(rng))

    def _ground(self, rng: np.random.Generator) -> Image.Image:
        aspect = float(np.exp(rng.uniform(-0.5, 0.5)))
        width, height = _LONG_SIDE * min(1.0, aspect), _LONG_SIDE * min(1.0, 1 / aspect)
        indices = self._by_source.get("silhouette")
        picture = self._album[indices[rng.integers(len(indices))]] if indices else None
        return background(picture, (round(width), round(height)), rng)


def _turned(picture: Picture, rng: np.random.Generator) -> Tile:
    """Mirrored half the time, turned by a few degrees half the time."""
    rgb, garments = Image.fromarray(picture.rgb), Image.fromarray(picture.garments)
    before = [max(1, int(np.count_nonzero(picture.garments == number + 1))) for number in range(len(picture.labels))]
    if rng.random() < 0.5:
        rgb, garments = (image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in (rgb, garments))
    if picture.exact and rng.random() < 0.5:
        angle = rng.uniform(-_TURN, _TURN)
        edge = rgb.resize((1, 1)).getpixel((0, 0)) if rng.random() < 0.5 else (124, 116, 104)
        rgb = rgb.rotate(angle, Image.Resampling.BILINEAR, fillcolor=edge)
        garments = garments.rotate(angle, Image.Resampling.NEAREST)
    turned = np.asarray(garments)
    seen = tuple(np.count_nonzero(turned == number + 1) / count for number, count in enumerate(before))
    return Tile(rgb, turned, picture.labels, seen)


def cropped(tile: Tile, rng: np.random.Generator) -> Tile:
    """A window of a tile: all of it, a random part, or close around its garments."""
    width, height = tile.rgb.size
    choice = rng.random()
    if choice < 0.3 or not tile.garments.any():
        return tile
    if choice < 0.55:
        return around_garments(tile, rng.uniform(0.0, 0.12))
    scale = rng.uniform(0.45, 1.0)
    w, h = (round(side * min(1.0, scale * np.exp(rng.uniform(-0.2, 0.2)))) for side in (width, height))
    x, y = rng.integers(width - w + 1), rng.integers(height - h + 1)
    return window(tile, (int(x), int(y), int(x + w), int(y + h)))


def around_garments(tile: Tile, margin: float = 0.0) -> Tile:
    """The window around all garments of a tile, enlarged by `margin` of its longer side."""
    rows, columns = np.flatnonzero(tile.garments.any(1)), np.flatnonzero(tile.garments.any(0))
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
    return Tile(tile.rgb.crop(box), part, tile.labels, seen)


def resized(tile: Tile, size: tuple[int, int]) -> Tile:
    """A tile at another size (width, height)."""
    rgb = tile.rgb.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    garments = np.asarray(Image.fromarray(tile.garments).resize(size, Image.Resampling.NEAREST))
    return Tile(rgb, garments, tile.labels, tile.seen)


def _placed(
    tile: Tile, room: tuple[int, int, int, int], share: float, rng: np.random.Generator
) -> tuple[Tile, tuple[int, int]]:
    """A tile scaled to `share` of a room and put somewhere in it."""
    width, height = tile.rgb.size
    scale = share * min((room[2] - room[0]) / width, (room[3] - room[1]) / height)
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    x = room[0] + int(rng.integers(max(1, room[2] - room[0] - size[0] + 1)))
    y = room[1] + int(rng.integers(max(1, room[3] - room[1] - size[1] + 1)))
    return resized(tile, size), (x, y)


def _laid(tiles: list[tuple[Tile, tuple[int, int]]], ground: Image.Image, cut_out: bool = False) -> Scene:
    boxes, labels = [], []
    for tile, (x, y) in tiles:
        mask = Image.fromarray(((tile.garments > 0) * 255).astype(np.uint8)).filter(ImageFilter.BoxBlur(0.7)) if cut_out else None
        ground.paste(tile.rgb, (x, y), mask)
        for box, label in boxes_of(tile):
            boxes.append([box[0] + x, box[1] + y, box[2] + x, box[3] + y])
            labels.append(label)
    return Scene(np.asarray(ground), np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64))


def boxes_of(tile: Tile) -> list[tuple[tuple[float, float, float, float], int]]:
    """Boxes and labels of the garments of which enough is left."""
    found = []
    for number, (label, seen) in enumerate(zip(tile.labels, tile.seen, strict=True), start=1):
        mask = tile.garments == number
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if seen >= _VISIBLE and len(rows):
            found.append(((float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)), label))
    return found


def _recoloured(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """Other light, other camera, other compression."""
    values = rgb.astype(np.float32)
    if rng.random() < 0.8:
        values *= rng.uniform(0.6, 1.35) * rng.uniform(0.88, 1.12, 3).astype(np.float32)
        values += rng.uniform(-20, 20)
    if rng.random() < 0.3:
        grey = values.mean(-1, keepdims=True)
        values = grey + rng.uniform(0.0, 1.6) * (values - grey)
    if rng.random() < 0.15:
        values += rng.normal(0, rng.uniform(2, 10), values.shape).astype(np.float32)
    result = np.clip(values, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        result = np.asarray(Image.fromarray(result).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.4))))
    return _recompressed(result, int(rng.integers(25, 92))) if rng.random() < 0.3 else result


def _recompressed(rgb: Pixels, quality: int) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def network_input(scene: Scene, side: int, fill: tuple[int, int, int]) -> Scene:
    """A scene as the detector sees it: letterboxed to side x side, without garments too small to ask for."""
    rgb, fit = letterbox(scene.rgb, side, fill)
    boxes = fit.from_photo(scene.boxes)
    kept = (boxes[:, 2:] - boxes[:, :2]).min(-1, initial=np.inf) >= _SMALLEST
    return Scene(rgb, boxes[kept], scene.labels[kept])
