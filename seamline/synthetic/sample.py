"""A photo of a design: garment on its background, lit and taken, with exact landmarks, mask and box."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CATEGORIES, counterpart
from seamline.data.mask_box import mask_box
from seamline.synthetic.background import paint_background
from seamline.synthetic.design import Design
from seamline.synthetic.design_sampler import random_design
from seamline.synthetic.garment import Painter, lay_out, outline_points
from seamline.synthetic.light import expose, garment_shadow, shade
from seamline.synthetic.props import add_clutter, paint_hanger
from seamline.synthetic.scene import Scene, random_scene
from seamline.synthetic.view import make_view


@dataclasses.dataclass(frozen=True)
class Drawn:
    """One picture. `rgb` (H, W, 3) and `mask` (H, W; 255 = garment) are uint8.

    `region` (H, W) is an index into REGIONS or 255. `landmarks`: name -> (x, y) in continuous pixels, for the points
    that the category has. `box`: x0, y0, x1, y1 of the mask.
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
    return photograph(random_design(rng, chosen), rng, long_side)


def photograph(design: Design, rng: np.random.Generator, long_side: int = 512, mirrored: bool | None = None) -> Drawn:
    """The design in a new pose, camera, light and place; mirrored one time in six unless told."""
    return render(design, _turned(random_scene(rng, long_side, mirrored), design))


def _turned(scene: Scene, design: Design) -> Scene:
    """The scene with the camera held upright or across as suits the garment, five times in six."""
    size = np.ptp(outline_points(lay_out(design, scene.pose)), axis=0)
    camera = scene.camera
    unsuited = (size[0] > 1.1 * size[1]) if camera.width < camera.height else (size[1] > 1.1 * size[0])
    if not unsuited or scene.seed % 6 == 0:
        return scene
    return dataclasses.replace(scene, camera=dataclasses.replace(camera, width=camera.height, height=camera.width))


def render(design: Design, scene: Scene, framed_as: Design | None = None) -> Drawn:
    """The photo of a design in a scene; the same arguments give the same pixels.

    `framed_as`: the design that the camera is set up for, where two designs are to be drawn at the same place.
    """
    layout = lay_out(design, scene.pose)
    view = make_view(scene, outline_points(lay_out(framed_as, scene.pose) if framed_as else layout))
    canvas = Painter(view, layout, design, scene).paint()
    rng = np.random.default_rng([scene.seed, 1])
    ground_map = view.ground_map()
    background = paint_background(scene.background, ground_map, view.density, rng)
    if scene.background.cluttered:
        background = add_clutter(background, ground_map, view.density, rng)
    lifted = 1.0 if scene.pose.hung else 0.0
    shadow = garment_shadow(canvas.cover, scene.light, view.density, lifted)
    if background.height is not None:
        shadow = shadow * shade(background.height, None, scene.light, view.density)[0]
    picture = background.colours * shadow[..., None]
    if scene.pose.hung and "neck_right" in layout.landmarks:
        paint_hanger(picture, view, design, layout.landmarks)
    mask = np.where(canvas.cover > 0.5, 255, 0).astype(np.uint8)
    box = mask_box(mask)
    window = _around(box, mask.shape)
    diffuse, highlight = shade(canvas.height[window], canvas.gloss[window], scene.light, view.density)
    lit = canvas.colours[window] * diffuse[..., None] + highlight[..., None]
    picture[window] += canvas.cover[window][..., None] * (lit - picture[window])
    rgb = expose(picture, scene.light, scene.camera, rng)
    names = list(layout.landmarks)
    places = view.to_picture(np.array([layout.landmarks[name] for name in names]))
    landmarks = {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}
    drawn = Drawn(rgb, mask, canvas.region, landmarks, box, design.category, design, False)
    return mirrored_picture(drawn) if scene.camera.mirrored else drawn


def _around(box: tuple[float, float, float, float], shape: tuple[int, ...]) -> tuple[slice, slice]:
    x0, y0, x1, y1 = (int(value) for value in box)
    return slice(max(0, y0 - 3), min(shape[0], y1 + 3)), slice(max(0, x0 - 3), min(shape[1], x1 + 3))


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
        landmarks={counterpart(name): (width - x, y) for name, (x, y) in drawn.landmarks.items()},
        box=(width - x1, y0, width - x0, y1),
        mirrored=not drawn.mirrored,
    )
