"""How far apart two photos of one garment are: all numbers, and the presets that are fitted to real pairs."""

from __future__ import annotations

import dataclasses
import math
from types import MappingProxyType

import numpy as np

from seamline.data.photographer.camera import CameraParams
from seamline.data.photographer.finish import FinishParams
from seamline.data.photographer.ground import GroundParams
from seamline.data.photographer.hiding import HidingParams
from seamline.data.photographer.light import LightParams
from seamline.data.photographer.sleeves import SleeveParams
from seamline.data.photographer.view import ViewParams

_FARTHEST = 2.5


@dataclasses.dataclass(frozen=True)
class PhotographerParams:
    """Strengths of everything that happens between two photos; a table of a TOML file fills it.

    `strength`: factor of all of them; `spread`: of its logarithm from one photo to the next (standard deviation).
    `same_place`: probability that the second photo is taken soon after the first, on the same ground, when light and
    camera are `at_same_place` times as different; the cloth is laid down again all the same. `any_angle`: probability
    that it is turned by any angle; `mirrored`: that it shows left and right exchanged; both whatever the strength is.
    Raises ValueError naming a number that is out of range.
    """

    strength: float = 1.0
    spread: float = 0.1
    same_place: float = 0.3
    at_same_place: float = 0.25
    any_angle: float = 0.0
    mirrored: float = 0.0
    ground: GroundParams = dataclasses.field(default_factory=GroundParams)
    view: ViewParams = dataclasses.field(default_factory=ViewParams)
    sleeves: SleeveParams = dataclasses.field(default_factory=SleeveParams)
    hiding: HidingParams = dataclasses.field(default_factory=HidingParams)
    light: LightParams = dataclasses.field(default_factory=LightParams)
    camera: CameraParams = dataclasses.field(default_factory=CameraParams)
    finish: FinishParams = dataclasses.field(default_factory=FinishParams)

    def __post_init__(self) -> None:
        for name in ("strength", "spread", "at_same_place"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"{name} must be a number from 0 on")
        for name in ("same_place", "any_angle", "mirrored"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be a number from 0 to 1")

    def drawn(self, random: np.random.Generator) -> PhotographerParams:
        """The strengths of one photo."""
        far = self.strength * math.exp(float(np.clip(self.spread * random.standard_normal(), -2, 2)))
        far = min(far, _FARTHEST * self.strength)
        same = random.random() < self.same_place
        lit = far * self.at_same_place if same else far
        return dataclasses.replace(
            self,
            ground=dataclasses.replace(self.ground, replaced=0.0 if same else min(1.0, self.ground.replaced * far)),
            view=self.view.scaled(far),
            sleeves=self.sleeves.scaled(far),
            hiding=self.hiding.scaled(far),
            light=self.light.scaled(lit),
            camera=self.camera.scaled(lit),
            finish=self.finish.scaled(far),
        )


PRESETS = MappingProxyType(
    {
        "real pairs": PhotographerParams(),
        "any way up": PhotographerParams(any_angle=1.0),
    }
)
"""Name -> parameters. "real pairs": as far apart as the pairs of real photos that were measured
(`docs/photographer.md`); "any way up": the same, turned by any angle."""
