"""A photo of a design: garment on its ground, lit and taken, with exact landmarks, mask and box."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.data.drawing.background import paint_ground
from seamline.data.drawing.design import Design
from seamline.data.drawing.garment import Painter, lay_out, outline_points
from seamline.data.drawing.invent import invent
from seamline.data.drawing.light import expose, ground_shadow, shade
from seamline.data.drawing.shot import Shot, take_shot
from seamline.data.drawing.view import make_view
from seamline.spec import CATEGORIES


@dataclasses.dataclass(frozen=True)
class Drawn:
    """One picture. `rgb` (H, W, 3) and `mask` (H, W; 255 = garment) are uint8; `region` (H, W) is an index into REGIONS or 255.

    `landmarks`: name -> (x, y) in continuous pixels, for the points the category has; `box`: x0, y0, x1, y1 of the mask.
    """

    rgb: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    region: NDArray[np.uint8]
    landmarks: dict[str, tuple[float, float]]
    box: tuple[float, float, float, float]
    category: str
    design: Design
    mirrored: bool


def draw_sample(rng: np.random.Generator, long_side: int = 384, category: str | None = None) -> Drawn:
    """A new design of the given or a random category in a new photo whose longer side is `long_side` pixels."""
    chosen = category or str(rng.choice(CATEGORIES))
    return photograph(invent(rng, chosen), rng, long_side)


def photograph(design: Design, rng: np.random.Generator, long_side: int = 512, mirrored: bool | None = None) -> Drawn:
    """The design in a new pose, camera, light and place; mirrored one time in six unless told."""
    return render(design, take_shot(rng, long_side, mirrored))


def render(design: Design, shot: Shot) -> Drawn:
    """The photo of a design under a shot's circumstances; the same arguments give the same pixels."""
    layout = lay_out(design, shot.pose)
    view = make_view(shot, outline_points(layout))
    canvas = Painter(view, layout, design, shot).paint()
    rng = np.random.default_rng([shot.seed, 1])
    backdrop = paint_ground(shot.ground, view.ground_map(), view.density, rng)
    flat = np.zeros_like(canvas.gloss)
    ground_light, _ = shade(backdrop.height, flat, shot.light, view.density)
    lifted = 1.0 if shot.pose.hung else 0.0
    shadow = ground_shadow(canvas.cover, shot.light, view.density, lifted)
    ground = backdrop.colours * (ground_light * shadow)[..., None]
    diffuse, highlight = shade(canvas.height, canvas.gloss, shot.light, view.density)
    lit = canvas.colours * diffuse[..., None] + highlight[..., None]
    picture = ground + canvas.cover[..., None] * (lit - ground)
    rgb = expose(picture.astype(np.float32), shot.light, shot.camera, rng)
    names = list(layout.landmarks)
    places = view.to_picture(np.array([layout.landmarks[name] for name in names]))
    landmarks = {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}
    mask = np.where(canvas.cover > 0.5, 255, 0).astype(np.uint8)
    drawn = Drawn(rgb, mask, canvas.region, landmarks, _box(mask), design.category, design, False)
    return mirrored_picture(drawn) if shot.camera.mirrored else drawn


def _box(mask: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return float(xs[0]), float(ys[0]), float(xs[-1] + 1), float(ys[-1] + 1)


_SWAP = {"left": "right", "right": "left"}


def mirrored_picture(drawn: Drawn) -> Drawn:
    """The picture flipped; left and right are the picture's, so names and sleeve regions change sides."""
    width = drawn.rgb.shape[1]
    table = np.arange(256, dtype=np.uint8)
    table[[3, 4]] = [4, 3]
    x0, y0, x1, y1 = drawn.box
    return dataclasses.replace(
        drawn,
        rgb=np.ascontiguousarray(drawn.rgb[:, ::-1]),
        mask=np.ascontiguousarray(drawn.mask[:, ::-1]),
        region=table[drawn.region[:, ::-1]],
        landmarks={_swapped(name): (width - x, y) for name, (x, y) in drawn.landmarks.items()},
        box=(width - x1, y0, width - x0, y1),
        mirrored=not drawn.mirrored,
    )


def _swapped(name: str) -> str:
    return "_".join(_SWAP.get(part, part) for part in name.split("_"))
