"""Everything that one photo adds to a design: pose, camera, folds, light and background."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.synthetic.design import Fabric
from seamline.synthetic.palette import background_colours

BACKGROUNDS = ("wood", "tiles", "carpet", "sheet", "wall", "rug", "concrete")
_BACKGROUND_SHARES = (0.2, 0.08, 0.12, 0.27, 0.2, 0.08, 0.05)
_FRAMES = ((3, 4), (4, 3), (1, 1), (9, 16))
_FRAME_SHARES = (0.68, 0.12, 0.14, 0.06)


@dataclasses.dataclass(frozen=True)
class Pose:
    """How the garment lies. `arms` and `bends`: 0 = out or straight, 1 = down or bent, left then right;
    `folded`: long sleeves turned back over the front.

    `opening`: how far a front stands open, 0 to 1. `spread`: legs apart, 0 to 1. `turn` in degrees.
    `sway` in cm is how far cloth wanders from its pattern.
    """

    arms: tuple[float, float]
    bends: tuple[float, float]
    folded: tuple[bool, bool]
    opening: float
    spread: float
    turn: float
    sway: float
    hung: bool


@dataclasses.dataclass(frozen=True)
class Camera:
    """Picture size in pixels; `fill`: share of it that the garment's box takes; `tilt`: perspective per metre."""

    width: int
    height: int
    fill: float
    shift: tuple[float, float]
    tilt: tuple[float, float]
    softness: float
    noise: float
    mirrored: bool


@dataclasses.dataclass(frozen=True)
class Light:
    """A window or lamp. `azimuth` in degrees, where the light comes from; `contrast` of the folds; `warmth` -1 to 1."""

    azimuth: float
    contrast: float
    warmth: float
    exposure: float
    falloff: float
    vignette: float
    shadow: float


@dataclasses.dataclass(frozen=True)
class Background:
    """What the garment lies on or hangs before. `scale` multiplies the pattern's size; `cluttered`: with clutter."""

    kind: str
    fabric: Fabric
    scale: float
    turn: float
    cluttered: bool


@dataclasses.dataclass(frozen=True)
class Scene:
    """What one photo shows besides the design; `seed` draws folds, sway, grain."""

    pose: Pose
    camera: Camera
    light: Light
    background: Background
    folds: float
    seed: int


def random_scene(rng: np.random.Generator, long_side: int = 512, mirrored: bool | None = None) -> Scene:
    """The scene of a new photo with the given longer side; mirrored one time in six unless told."""
    hung = bool(rng.random() < 0.2)
    frame = _FRAMES[int(rng.choice(4, p=_FRAME_SHARES))]
    width, height = (round(long_side * side / max(frame)) for side in frame)
    flip = bool(rng.random() < 1 / 6)
    return Scene(
        pose=_pose(rng, hung),
        camera=Camera(
            width=width,
            height=height,
            fill=float(rng.uniform(0.8, 0.97) if rng.random() < 0.85 else rng.uniform(0.55, 0.8)),
            shift=(float(rng.normal(0, 0.35)), float(rng.normal(0, 0.35))),
            tilt=(float(rng.normal(0, 0.05)), float(rng.normal(0, 0.08))),
            softness=float(rng.uniform(0.35, 0.8)),
            noise=float(rng.uniform(0.002, 0.012)),
            mirrored=flip if mirrored is None else mirrored,
        ),
        light=_light(rng),
        background=_background(rng, hung),
        folds=float(rng.uniform(0.7, 2.4)),
        seed=int(rng.integers(2**31)),
    )


def _pose(rng: np.random.Generator, hung: bool) -> Pose:
    arms = rng.beta(1.6, 1.6) if not hung else rng.uniform(0.8, 1.0)
    both = np.clip(arms + rng.normal(0, 0.07, 2), 0, 1)
    bends = np.clip(rng.normal(0.1, 0.25, 2), -0.3, 1)
    folded = rng.random(2) < (0.0 if hung else 0.04)
    if not hung and rng.random() < 0.04:
        folded[:] = True
    turn = rng.normal(0, 2.0 if hung else 5.0) if rng.random() < 0.93 else rng.uniform(-28, 28)
    return Pose(
        arms=(float(both[0]), float(both[1])),
        bends=(float(bends[0]), float(bends[1])),
        folded=(bool(folded[0]), bool(folded[1])),
        opening=float(rng.uniform(0.15, 1.0)) if rng.random() < 0.35 else 0.0,
        spread=float(rng.beta(1.5, 3.0)),
        turn=float(turn),
        sway=float(rng.uniform(0.3, 1.1)),
        hung=hung,
    )


def _light(rng: np.random.Generator) -> Light:
    return Light(
        azimuth=float(rng.uniform(0, 360)),
        contrast=float(rng.uniform(0.8, 1.5)),
        warmth=float(rng.normal(0, 0.4)),
        exposure=float(rng.uniform(0.92, 1.18)),
        falloff=float(rng.uniform(0.0, 0.35)),
        vignette=float(rng.uniform(0.0, 0.25)),
        shadow=float(rng.uniform(0.25, 0.6)),
    )


def _background(rng: np.random.Generator, hung: bool) -> Background:
    kind = "wall" if hung and rng.random() < 0.8 else str(rng.choice(BACKGROUNDS, p=_BACKGROUND_SHARES))
    pattern = str(
        rng.choice(["solid", "stripes", "check", "floral", "tartan", "paisley"], p=[0.62, 0.1, 0.07, 0.11, 0.06, 0.04])
    )
    fabric = Fabric(
        pattern=pattern,
        colours=background_colours(rng, kind),
        period=float(rng.uniform(4, 12)),
        weave=str(rng.choice(["plain", "satin", "fleece"], p=[0.6, 0.15, 0.25])),
        seed=int(rng.integers(2**31)),
    )
    return Background(
        kind=kind,
        fabric=fabric,
        scale=float(rng.uniform(0.7, 1.4)),
        turn=float(rng.choice([0, 90]) + rng.normal(0, 8)),
        cluttered=not hung and bool(rng.random() < 0.14),
    )
