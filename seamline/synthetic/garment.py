"""Paints a laid-out garment: colour, height, cover and region of every pixel."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.synthetic.curves import Points
from seamline.synthetic.design import Design, Fabric
from seamline.synthetic.fabric import GLOSS, STIFFNESS, cloth_tile, tiled
from seamline.synthetic.folds import Heights, fold
from seamline.synthetic.noise import Field
from seamline.synthetic.patterns import Image
from seamline.synthetic.pieces import Decal, Frame, Layout, Panel, Seam, Stud
from seamline.synthetic.prints import print_image
from seamline.synthetic.scene import Pose, Scene
from seamline.synthetic.skirts import lay_skirt
from seamline.synthetic.torso import lay_torso
from seamline.synthetic.trousers import lay_legs
from seamline.synthetic.view import View
from seamline.systems.psnet.spec import REGIONS

_SHIFT = 4
_NOTHING = 255


def lay_out(design: Design, pose: Pose) -> Layout:
    """Lay the garment on the ground."""
    if design.category in ("shorts", "trousers"):
        return lay_legs(design, pose)
    if design.category == "skirt":
        return lay_skirt(design, pose)
    return lay_torso(design, pose)


def outline_points(layout: Layout) -> Points:
    """All points (N, 2) of the layout's panels, in cm."""
    return np.vstack([piece.outline for piece in layout.pieces if isinstance(piece, Panel)])


@dataclasses.dataclass
class Canvas:
    """The garment's pixels: colours (H, W, 3), height in cm, gloss, cover 0..1, region index or 255."""

    colours: Image
    height: Field
    gloss: Field
    cover: Field
    region: NDArray[np.uint8]


class Painter:
    """Paints pieces one over another onto a canvas of the view's size."""

    def __init__(self, view: View, layout: Layout, design: Design, scene: Scene) -> None:
        width, height = view.size
        tall, gloss, cover = np.zeros((3, height, width), np.float32)
        region = np.full((height, width), _NOTHING, np.uint8)
        self.canvas = Canvas(np.zeros((height, width, 3), np.float32), tall, gloss, cover, region)
        self._view = view
        self._x, self._y = view.garment_map()
        self._layout = layout
        self._heights = _fold_all(layout, design, scene)
        self._tiles: dict[Fabric, tuple[Image, float]] = {}
        self._density = float(np.clip(view.density, 1.5, 10.0))

    def paint(self) -> Canvas:
        """All pieces, lowest first."""
        for piece in self._layout.pieces:
            if isinstance(piece, Panel):
                self._panel(piece)
            elif isinstance(piece, Seam):
                self._seam(piece)
            elif isinstance(piece, Stud):
                self._stud(piece)
            else:
                self._decal(piece)
        return self.canvas

    def _window(self, pixels: Points, margin: float) -> tuple[slice, slice] | None:
        """The part of the canvas that holds the pixels, or None where it is empty."""
        height, width = self.canvas.height.shape
        x0, y0 = np.floor(pixels.min(0) - margin).astype(int)
        x1, y1 = np.ceil(pixels.max(0) + margin).astype(int)
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
        return (slice(y0, y1), slice(x0, x1)) if x1 > x0 and y1 > y0 else None

    def _filled(self, pixels: Points, window: tuple[slice, slice]) -> Field:
        mask = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
        # OpenCV's pixel i has its centre at i, ours at i + 0.5.
        points = np.round((pixels - (window[1].start + 0.5, window[0].start + 0.5)) * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(mask, [points], (255,), cv2.LINE_AA, _SHIFT)
        return mask.astype(np.float32) / 255

    def _panel(self, panel: Panel) -> None:
        pixels = self._view.to_picture(panel.outline)
        window = self._window(pixels, 2.0 + 1.5 * self._density)
        if window is None:
            return
        mask = self._filled(pixels, window)
        canvas = self.canvas
        if panel.lift:
            self._cast(mask, window, panel.lift)
        colours = self._cloth(panel.fabric, panel.frame, window) * np.float32(panel.tint)
        bare = 1 - canvas.cover[window]
        # Colours are kept free of cover, so an edge pixel of the silhouette has the cloth's full colour.
        weight = mask / np.maximum(1 - (1 - mask) * bare, 1e-3)
        canvas.colours[window] += weight[..., None] * (colours - canvas.colours[window])
        canvas.gloss[window] += weight * (GLOSS.get(panel.fabric.weave, 0.0) * panel.tint**2 - canvas.gloss[window])
        canvas.cover[window] = np.maximum(canvas.cover[window], mask)
        canvas.region[window][mask > 0.5] = REGIONS.index(panel.region)
        height = canvas.height[window]
        # Bare ground takes the folds too, or the silhouette would be a cliff and shade as a drawn line.
        reach = np.maximum(mask, bare)
        if panel.relief:
            # At a seam the folds of two panels run into each other.
            spread = max(0.8, self._density)
            inward = mask * cv2.GaussianBlur(mask, (0, 0), spread)
            outward = bare * cv2.GaussianBlur(bare, (0, 0), spread)
            height += np.maximum(inward, outward) * (self._folds(panel.relief, window) - height)
        if panel.lift:
            edge = cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.35 * self._density))
            height += np.float32(panel.lift * 0.5) * edge * reach

    def _cast(self, mask: Field, window: tuple[slice, slice], lift: float) -> None:
        """Darken what lies under the edge of a piece; an opening (negative lift) darkens its own rim."""
        spread = max(0.8, 0.55 * self._density)
        around = cv2.GaussianBlur(mask, (0, 0), spread)
        factor = 1 - min(0.45, 0.75 * abs(lift)) * around
        self.canvas.colours[window] *= factor[..., None]

    def _coordinates(self, frame: Frame, window: tuple[slice, slice]) -> tuple[Field, Field]:
        x = self._x[window] - np.float32(frame.origin[0])
        y = self._y[window] - np.float32(frame.origin[1])
        cos, sin = np.float32(np.cos(frame.turn)), np.float32(np.sin(frame.turn))
        return x * cos + y * sin, y * cos - x * sin

    def _cloth(self, fabric: Fabric, frame: Frame, window: tuple[slice, slice]) -> Image:
        if fabric not in self._tiles:
            self._tiles[fabric] = cloth_tile(fabric, self._density)
        tile, scale = self._tiles[fabric]
        u, v = self._coordinates(frame, window)
        return tiled(tile, scale, u + self._drift(window), v)

    def _drift(self, window: tuple[slice, slice]) -> Field:
        """How far a pattern slides over the folds, in cm."""
        return 0.6 * self.canvas.height[window]

    def _folds(self, name: str, window: tuple[slice, slice]) -> Field:
        heights, frame = self._heights[name], self._layout.reliefs[name].frame
        return heights.at(*self._coordinates(frame, window))

    def _seam(self, seam: Seam) -> None:
        pixels = self._view.to_picture(seam.path)
        width = seam.width * self._density
        window = self._window(pixels, 2.0 + width)
        if window is None:
            return
        mask = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
        points = np.round((pixels - (window[1].start + 0.5, window[0].start + 0.5)) * 2**_SHIFT).astype(np.int32)
        lines = _dashes(points, 0.7 * self._density * 2**_SHIFT) if seam.dashed else [points]
        cv2.polylines(mask, lines, False, (255,), max(1, round(width)), cv2.LINE_AA, _SHIFT)
        cover = mask.astype(np.float32) / 255 * (self.canvas.cover[window] > 0.5)
        cover *= min(1.0, max(0.35, width))
        if seam.colour is not None:
            colour = np.array(seam.colour, np.float32) / 255
            self.canvas.colours[window] += 0.85 * cover[..., None] * (colour - self.canvas.colours[window])
        if seam.depth < 0:
            self.canvas.region[window][cover > 0.3] = REGIONS.index(seam.region)
        self.canvas.height[window] -= np.float32(seam.depth) * cv2.GaussianBlur(
            cover, (0, 0), max(0.6, 0.2 * self._density)
        )

    def _stud(self, stud: Stud) -> None:
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        ring = np.stack([np.cos(angle), np.sin(angle)], 1)
        plain = Fabric("solid", (stud.colour,), weave="satin")
        outline = np.array(stud.centre) + ring * stud.radius
        self._panel(Panel(stud.region, outline, plain, lift=0.3))
        if stud.holes and self._density * stud.radius > 3:
            for dx in (-0.3, 0.3):
                dark = Fabric(
                    "solid", ((stud.colour[0] // 3, stud.colour[1] // 3, stud.colour[2] // 3),), weave="satin"
                )
                hole = np.array(stud.centre) + (dx * stud.radius, 0) + ring * stud.radius * 0.16
                self._panel(Panel(stud.region, hole, dark))

    def _decal(self, decal: Decal) -> None:
        pixels = max(8, round(decal.print.width * self._density))
        image = print_image(decal.print, pixels)
        tall, wide = image.shape[:2]
        scale = max(wide / decal.print.width, tall / decal.room)
        half = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / (2 * scale)
        frame = Frame(decal.centre, decal.frame.turn)
        corners = np.array([frame.at(float(u), float(v)) for u, v in half * 1.15])
        window = self._window(self._view.to_picture(corners), 4.0)
        if window is None:
            return
        u, v = self._coordinates(frame, window)
        u = u + self._drift(window)
        x, y = u * np.float32(scale) + (wide - 1) / 2, v * np.float32(scale) + (tall - 1) / 2
        layer = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        on = layer * (self.canvas.region[window] == REGIONS.index(decal.region))[..., None]
        self.canvas.colours[window] = self.canvas.colours[window] * (1 - on[..., 3:]) + on[..., :3]


def _dashes(points: NDArray[np.int32], length: float) -> list[NDArray[np.int32]]:
    """Every other piece of a polyline, each about `length` long."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    place = np.concatenate([[0.0], np.cumsum(steps)])
    ends = np.arange(0, place[-1], max(length, 16.0))
    x, y = (np.interp(ends, place, points[:, axis]) for axis in (0, 1))
    at = np.stack([x, y], 1).astype(np.int32)
    return [at[index : index + 2] for index in range(0, len(at) - 1, 2)] or [points]


def _fold_all(layout: Layout, design: Design, scene: Scene) -> dict[str, Heights]:
    """Every field of folds, each from its own stream, so that one region's change leaves the others alone."""
    fields = {}
    for name, relief in layout.reliefs.items():
        side = name.split("_")[0]
        cloth = {"left": design.left_sleeve.fabric, "right": design.right_sleeve.fabric}.get(side, design.chest.fabric)
        stream = np.random.default_rng([scene.seed, *name.encode()])
        depth = scene.folds * STIFFNESS.get(cloth.weave, 1.0) * (0.7 if scene.pose.hung else 1.0)
        fields[name] = fold(relief, depth, design.padding if name != "inside" else "none", stream)
    return fields
