"""A photo of somebody who wears a design: the garment on a body, before a wall or in a street."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.core.spec import CATEGORIES
from seamline.data.mask_box import mask_box
from seamline.synthetic.background import paint_background
from seamline.synthetic.curves import Points
from seamline.synthetic.design import Design, Fabric
from seamline.synthetic.design_sampler import random_design
from seamline.synthetic.garment import Canvas, Painter, lay_out
from seamline.synthetic.light import expose, garment_shadow, shade
from seamline.synthetic.palette import background_colours
from seamline.synthetic.patterns import Image
from seamline.synthetic.person import (
    CROWN,
    SOLE,
    WAISTLINE,
    Layer,
    Person,
    paint_arms,
    paint_behind,
    paint_feet,
    paint_head,
    paint_locks,
    paint_shoulders,
    random_person,
)
from seamline.synthetic.sample import Drawn
from seamline.synthetic.scene import Background, Pose, Scene, random_scene
from seamline.synthetic.view import View, make_view, project

WEARABLE = tuple(name for name in CATEGORIES if name not in ("shorts", "trousers", "skirt"))
"""Categories that hang from the shoulders; a person wears trousers below them, or bare legs below a dress."""

_HIDING = "hood"
"""A collar that would hide the face: hoods are drawn as they lie, with nobody in them."""

_TURN, _SLIM = 1.0, 0.75
"""Angle in radians by which cloth at the trunk's side is turned away, and a worn trunk's width to that laid flat."""

_LIFT = 2.0
"""How far before the wall somebody stands, against what hangs on it."""

_NOTHING = 255


@dataclasses.dataclass(frozen=True)
class BodyView(View):
    """A view of cloth around a trunk `half` cm wide to either side; the cloth starts `lowered` cm below the neck."""

    half: float
    lowered: float = 0.0

    def to_picture(self, points: Points) -> Points:
        """Pixels (N, 2) of the garment's points (N, 2)."""
        swayed = points + self.sway.shift(points)
        around = np.stack([_rounded(swayed[:, 0], self.half), swayed[:, 1] + self.lowered], 1)
        return project(self.matrix, around)

    def on_garment(self, ground: Points) -> Points:
        """The garment's points (N, 2) that are seen at these places (N, 2) of the ground."""
        flat = np.stack([_unrounded(ground[:, 0], self.half), ground[:, 1] - self.lowered], 1)
        return super().on_garment(flat)


def _rounded(x: Points, half: float) -> Points:
    """Where cloth x cm from the middle is seen around a trunk; outside of it, sleeves are as much narrower."""
    inner = np.clip(x / half, -1, 1)
    return _SLIM * (half * np.sin(_TURN * inner) / np.sin(_TURN) + (x - half * inner))


def _unrounded(x: Points, half: float) -> Points:
    """The inverse of `_rounded`."""
    seen = x / _SLIM
    inner = np.clip(seen / half, -1, 1)
    return half * np.arcsin(inner * np.sin(_TURN)) / _TURN + (seen - half * inner)


def wearable(design: Design) -> bool:
    """Whether a person can be drawn in it."""
    return design.category in WEARABLE and design.collar.kind != _HIDING


def photograph_worn(design: Design, rng: np.random.Generator, long_side: int = 640) -> Drawn:
    """Somebody wears the design, at full length or down to the thighs; arms or hair may be before it.

    Raises ValueError for a design that is not `wearable`.
    """
    if not wearable(design):
        worn = design.category if design.category not in WEARABLE else f"{design.category} with a {_HIDING}"
        raise ValueError(f"a person is drawn in what hangs from the shoulders and shows the face, not in {worn}")
    person, scene = random_person(rng), _standing(rng, long_side)
    full = bool(rng.random() < 0.4)
    view = _view(scene, design, full)
    layout = lay_out(design, scene.pose)
    layer, before = Layer.empty(view, scene.light), Layer.empty(view, scene.light)
    paint_behind(layer, view, person)
    _dress_legs(layer, view, person, scene, design, rng)
    sleeveless = "cuff_left_outer" not in layout.landmarks
    if sleeveless:
        paint_shoulders(layer, view, person, layout.landmarks)
    paint_arms(layer if sleeveless else before, view, person, layout.landmarks)
    paint_head(layer, view, person)
    canvas = Painter(view, layout, design, scene).paint()
    _put_on(layer, canvas, view)
    paint_locks(before, view, person)
    layer.over(before.colours, before.cover)
    mask = np.where((canvas.cover > 0.5) & (before.cover <= 0.5), 255, 0).astype(np.uint8)
    region = np.where(mask > 0, canvas.region, np.uint8(_NOTHING))
    names = list(layout.landmarks)
    places = view.to_picture(np.array([layout.landmarks[name] for name in names]))
    landmarks = {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}
    rgb = _taken(layer, view, scene, full)
    return Drawn(rgb, mask, region, landmarks, mask_box(mask), design.category, design, False)


def _standing(rng: np.random.Generator, long_side: int) -> Scene:
    """A scene with somebody upright in it."""
    scene = random_scene(rng, long_side, mirrored=False)
    arms, bends = rng.uniform(0.85, 1.0, 2), rng.uniform(-0.2, 0.25, 2)
    pose = Pose(
        arms=(float(arms[0]), float(arms[1])), bends=(float(bends[0]), float(bends[1])), folded=(False, False),
        opening=0.0, spread=0.35, turn=float(rng.normal(0, 1.0)), sway=0.35, hung=True,
    )  # fmt: skip
    camera = dataclasses.replace(
        scene.camera, width=round(0.62 * long_side), height=long_side, fill=float(rng.uniform(0.92, 0.98)),
        shift=(float(rng.normal(0, 0.2)), 0.0), tilt=(0.0, 0.0),
    )  # fmt: skip
    wall = Background("wall", Fabric("solid", background_colours(rng, "wall")), 1.0, 0.0, cluttered=False)
    return dataclasses.replace(scene, pose=pose, camera=camera, background=wall)


def _view(scene: Scene, design: Design, full: bool) -> BodyView:
    lowest = SOLE + 6 if full else max(design.cut.hem[1] + design.waist.hem_drop + 14, 84.0)
    outline = np.array([[-36, CROWN], [36, CROWN], [36, lowest], [-36, lowest]], float)
    view = make_view(scene, outline)
    return BodyView(view.matrix, view.sway, view.size, view.density, design.cut.armpit[0])


def _dress_legs(
    layer: Layer, view: BodyView, person: Person, scene: Scene, design: Design, rng: np.random.Generator
) -> None:
    """Trousers below a top, bare legs below a dress."""
    bare = "dress" in design.category
    paint_feet(layer, view, person, bare)
    if bare:
        return
    trousers = _plain_trousers(rng)
    below = dataclasses.replace(view, half=trousers.cut.hip[0], lowered=WAISTLINE)
    _put_on(layer, Painter(below, lay_out(trousers, scene.pose), trousers, scene).paint(), below)


def _plain_trousers(rng: np.random.Generator) -> Design:
    """Trousers of one colour, which leave the eye to what is worn above them."""
    while True:
        trousers = random_design(rng, "trousers")
        if trousers.chest.fabric.pattern == "solid":
            return trousers


def _put_on(layer: Layer, canvas: Canvas, view: BodyView) -> None:
    """Lay painted cloth over the person, on a trunk that is round."""
    x, _ = view.garment_map()
    trunk = 0.3 * view.half * np.cos(_TURN * np.clip(x / view.half, -1, 1))
    diffuse, highlight = shade(canvas.height + trunk.astype(np.float32), canvas.gloss, layer.light, view.density)
    layer.over(canvas.colours * diffuse[..., None] + highlight[..., None], canvas.cover)


def _taken(layer: Layer, view: View, scene: Scene, full: bool) -> Image:
    rng = np.random.default_rng([scene.seed, 1])
    shadow = garment_shadow(layer.cover, scene.light, view.density, _LIFT)
    picture = _behind(view, scene, full, rng) * shadow[..., None]
    picture += layer.cover[..., None] * (layer.colours - picture)
    return expose(picture, scene.light, scene.camera, rng)


def _behind(view: View, scene: Scene, full: bool, rng: np.random.Generator) -> Image:
    """A wall; of somebody at full length also the pavement that they stand on."""
    places = view.ground_map()
    wall = paint_background(scene.background, places, view.density, rng).colours
    if not full:
        return wall
    slabs = Background("tiles", Fabric("solid", background_colours(rng, "concrete")), 1.0, 0.0, cluttered=False)
    x, y = places
    away = np.maximum(SOLE + 60 - y, 20.0)  # seen at a slant: what is further up lies further away
    ground = paint_background(slabs, (x * 80 / (140 - away), 4000 / (140 - away)), view.density, rng).colours
    share = np.clip((y - (SOLE - 12)) * np.float32(view.density), 0, 1)[..., None]
    return np.asarray(wall + share * (0.9 * ground - wall), np.float32)
