"""Training scenes for the detector: photos cropped, turned, shrunk, tiled, cut out and laid on other backgrounds.

A scene is a function of the album and a random generator alone, so a resumed training sees what it would have seen.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.image import Pixels, fitted_size, letterbox
from seamline.core.spec import CATEGORIES
from seamline.nn.segmentation_head import PERSON, UNKNOWN
from seamline.training.detector.album import Album, Picture
from seamline.training.detector.backgrounds import background, recoloured
from seamline.training.detector.dyed import colour_blocked, dyed
from seamline.training.detector.tiles import Tile, around_garments, boxes_of, cropped, placed, resized, stencil, turned
from seamline.training.detector.turns import any_turn, rotated
from seamline.training.detector.warps import warped

_SOURCES = ("silhouette", "drawn", "street")
_LONG_SIDE = 320

_SMALLEST = 6.0
"""Sides in input pixels below which a garment is not asked for."""


@dataclasses.dataclass(frozen=True)
class Mix:
    """How often each kind of scene and each source of photos comes up; the shares are relative. `any_way`: share of
    the photos that are turned by any angle; `dyed`: share of their garments that get another colour or cloth;
    `colour_blocked`: share of the photos of one garment in which parts of it get another colour or cloth; `warped`:
    share of the photos that are bent."""

    whole: float = 0.68
    shrunk: float = 0.08
    tiled: float = 0.08
    pasted: float = 0.1
    empty: float = 0.06
    silhouette: float = 0.3
    drawn: float = 0.05
    street: float = 0.65
    any_way: float = 0.2
    dyed: float = 0.4
    colour_blocked: float = 0.4
    warped: float = 0.6


@dataclasses.dataclass(frozen=True)
class Scene:
    """rgb HxWx3, boxes float32 [n,4] in its pixels, labels int64 [n], places in `photos.LABELS`, and `turns` float32
    [n,2], cosine and sine by which the garments are turned clockwise. `shown` uint8 HxW: k where it shows the k-th
    garment, 0 where it shows none, else PERSON or UNKNOWN of `seamline.nn.segmentation_head`."""

    rgb: Pixels
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    turns: NDArray[np.float32]
    shown: NDArray[np.uint8]


class Scenes:
    """Draws scenes from an album."""

    def __init__(self, album: Album, mix: Mix = Mix()) -> None:
        self._album = album
        self._mix = mix
        self._by_source = {
            source: [index for index, name in enumerate(album.sources) if name == source]
            for source in _SOURCES
            if source in album.sources
        }
        self._weights = {
            source: _balanced([album.labels[index] for index in indices]) for source, indices in self._by_source.items()
        }
        self._lying = [index for index, name in enumerate(album.sources) if name != "street"]

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
        return dataclasses.replace(scene, rgb=recoloured(scene.rgb, rng))

    def _picture(self, rng: np.random.Generator) -> Picture:
        shares = np.array([getattr(self._mix, source) for source in self._by_source])
        source = list(self._by_source)[rng.choice(len(shares), p=shares / shares.sum())]
        picture = self._album[int(rng.choice(self._by_source[source], p=self._weights[source]))]
        picture = dyed(picture, self._mix.dyed, rng)
        if rng.random() < self._mix.colour_blocked:
            picture = colour_blocked(picture, rng)
        return warped(picture, rng) if rng.random() < self._mix.warped else picture

    def _turned(self, picture: Picture, rng: np.random.Generator) -> Tile:
        """A picture as `turned` leaves it, or turned by any angle."""
        tile = turned(picture, rng)
        if rng.random() >= self._mix.any_way:
            return tile
        tile = rotated(tile, any_turn(picture, rng), rng)
        return around_garments(tile, rng.uniform(0.0, 0.3), people=True) if rng.random() < 0.5 else tile

    def _whole(self, rng: np.random.Generator) -> Scene:
        """A crop of one photo."""
        tile = cropped(self._turned(self._picture(rng), rng), rng)
        width, height = tile.rgb.size
        scale = rng.uniform(0.7, 1.0) * _LONG_SIDE / max(width, height)
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        return _laid([(resized(tile, size), (0, 0))], Image.new("RGB", size))

    def _shrunk(self, rng: np.random.Generator) -> Scene:
        """A photo on a larger background."""
        canvas = self._canvas(rng)
        tile = self._turned(self._picture(rng), rng)
        return _laid([placed(tile, (0, 0, *canvas.size), rng.uniform(0.3, 0.85), rng)], canvas)

    def _tiled(self, rng: np.random.Generator) -> Scene:
        """Two to six photos beside each other."""
        canvas = self._canvas(rng)
        columns, rows = ((2, 1), (1, 2), (2, 2), (3, 1), (3, 2))[rng.choice(5, p=(0.35, 0.15, 0.3, 0.15, 0.05))]
        tiles = []
        for room in _rooms(canvas, columns, rows):
            tile = self._turned(self._picture(rng), rng)
            tile = cropped(tile, rng) if rng.random() < 0.3 else tile
            tiles.append(placed(tile, room, rng.uniform(0.7, 1.0), rng))
        return _laid(tiles, canvas)

    def _pasted(self, rng: np.random.Generator) -> Scene:
        """One to four cut-out garments on a background."""
        canvas = self._canvas(rng)
        columns, rows = ((1, 1), (2, 1), (1, 2), (2, 2))[rng.choice(4, p=(0.35, 0.35, 0.15, 0.15))]
        tiles = []
        for room in _rooms(canvas, columns, rows):
            picture = self._picture(rng)
            tile = around_garments(self._turned(picture, rng), people=True)
            tiles.append(placed(tile, room, rng.uniform(0.3, 1.0), rng))
            if not picture.exact:  # a filled box cannot be cut out, so this photo is laid down whole
                return _laid(tiles[-1:], canvas)
        return _laid(tiles, canvas, cut_out=True)

    def _empty(self, rng: np.random.Generator) -> Scene:
        """No garment at all."""
        return _laid([], self._canvas(rng))

    def _canvas(self, rng: np.random.Generator) -> Image.Image:
        aspect = float(np.exp(rng.uniform(-0.5, 0.5)))
        width, height = _LONG_SIDE * min(1.0, aspect), _LONG_SIDE * min(1.0, 1 / aspect)
        # backgrounds of street photos show other people
        picture = self._album[self._lying[rng.integers(len(self._lying))]] if self._lying else None
        return background(picture, (round(width), round(height)), rng)


def _rooms(canvas: Image.Image, columns: int, rows: int) -> Iterator[tuple[int, int, int, int]]:
    """The cells of a canvas, row by row."""
    width, height = canvas.size
    for y, x in itertools.product(range(rows), range(columns)):
        yield x * width // columns, y * height // rows, (x + 1) * width // columns, (y + 1) * height // rows


def _laid(tiles: list[tuple[Tile, tuple[int, int]]], canvas: Image.Image, cut_out: bool = False) -> Scene:
    boxes, labels, turns = [], [], []
    shown = np.zeros((canvas.height, canvas.width), np.uint8)
    for tile, (x, y) in tiles:
        canvas.paste(tile.rgb, (x, y), stencil(tile) if cut_out else None)
        numbers = np.where((tile.garments > 0) & (tile.garments != PERSON), UNKNOWN, tile.garments).astype(np.uint8)
        for box, label, number in boxes_of(tile):
            boxes.append([box[0] + x, box[1] + y, box[2] + x, box[3] + y])
            labels.append(label)
            turns.append([np.cos(tile.turn), np.sin(tile.turn)])
            numbers[tile.garments == number] = len(boxes)
        _put(shown, numbers, (x, y))
    return Scene(
        np.asarray(canvas), np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64),
        np.array(turns, np.float32).reshape(-1, 2), shown,
    )  # fmt: skip


def _put(shown: NDArray[np.uint8], numbers: NDArray[np.uint8], at: tuple[int, int]) -> None:
    """Lay a tile's map, which may reach beyond the scene, over what lies there."""
    part = shown[at[1] : at[1] + numbers.shape[0], at[0] : at[0] + numbers.shape[1]]
    part[...] = numbers[: part.shape[0], : part.shape[1]]


_COMMON = 0.3
"""Share of photos below which a category comes up more often than it would."""


def _balanced(labels: list[tuple[int, ...]]) -> NDArray[np.float64]:
    """How often each picture is drawn: repeat-factor sampling (Gupta, Dollar and Girshick, CVPR 2019)."""
    told = [{label for label in one if label < len(CATEGORIES)} for one in labels]  # a coarse category is never rare
    counts = np.bincount([label for one in told for label in one], minlength=1) / len(labels)
    factors = np.array([max((np.sqrt(_COMMON / counts[label]) for label in one), default=1.0) for one in told])
    weights: NDArray[np.float64] = factors.clip(1.0)
    return weights / weights.sum()


def network_input(scene: Scene, side: int, fill: tuple[int, int, int]) -> Scene:
    """A scene as the detector sees it: letterboxed to side x side, without garments too small to ask for."""
    rgb, fit = letterbox(scene.rgb, side, fill)
    boxes = fit.from_photo(scene.boxes)
    kept = (boxes[:, 2:] - boxes[:, :2]).min(-1, initial=np.inf) >= _SMALLEST
    shown = _letterboxed(_renumbered(scene.shown, kept), side)
    return Scene(rgb, boxes[kept], scene.labels[kept], scene.turns[kept], shown)


def _renumbered(shown: NDArray[np.uint8], kept: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A map whose k-th garment is the k-th of those that are kept."""
    names = np.arange(256, dtype=np.uint8)
    names[1 : 1 + len(kept)] = np.where(kept, np.cumsum(kept), UNKNOWN)
    return names[shown]


def _letterboxed(shown: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A map scaled as `letterbox` scales its photo."""
    height, width = shown.shape
    size = fitted_size(width, height, side)
    square = np.zeros((side, side), np.uint8)
    square[: size[1], : size[0]] = np.asarray(Image.fromarray(shown).resize(size, Image.Resampling.NEAREST))
    return square
