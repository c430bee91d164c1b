"""Garments drawn as plain polygons whose landmarks are known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Points = dict[str, tuple[float, float]]

WIDTH, HEIGHT = 300, 400

TSHIRT: Points = {
    "neck_left": (120, 60), "shoulder_left": (88, 70), "cuff_left_outer": (30, 120), "cuff_left_inner": (55, 165),
    "armpit_left": (85, 140), "hem_left": (85, 340), "hem_right": (215, 340), "armpit_right": (215, 140),
    "cuff_right_inner": (245, 165), "cuff_right_outer": (270, 120), "shoulder_right": (212, 70),
    "neck_right": (180, 60),
}  # fmt: skip

LONGSLEEVE: Points = {
    "neck_left": (120, 60), "shoulder_left": (95, 70), "cuff_left_outer": (10, 290), "cuff_left_inner": (45, 305),
    "armpit_left": (95, 150), "hem_left": (95, 340), "hem_right": (205, 340), "armpit_right": (205, 150),
    "cuff_right_inner": (255, 305), "cuff_right_outer": (290, 290), "shoulder_right": (205, 70),
    "neck_right": (180, 60),
}  # fmt: skip

SLEEVES_ON_BODY: Points = {
    "neck_left": (120, 60), "shoulder_left": (80, 75), "side_left": (55, 340), "side_right": (245, 340),
    "shoulder_right": (220, 75), "neck_right": (180, 60),
}  # fmt: skip

VEST_DRESS: Points = {
    "neck_left": (125, 50), "shoulder_left": (105, 50), "arm_hole_left": (112, 90), "armpit_left": (95, 125),
    "hem_left": (60, 360), "hem_right": (240, 360), "armpit_right": (205, 125), "arm_hole_right": (188, 90),
    "shoulder_right": (195, 50), "neck_right": (175, 50), "neck_bottom": (150, 90),
}  # fmt: skip

TROUSERS: Points = {
    "waistband_left": (105, 40), "leg_left_outer": (80, 370), "leg_left_inner": (130, 370), "crotch": (150, 150),
    "leg_right_inner": (170, 370), "leg_right_outer": (220, 370), "waistband_right": (195, 40),
}  # fmt: skip

SKIRT: Points = {
    "waistband_left": (110, 90), "hem_left": (60, 300), "hem_right": (240, 300), "waistband_right": (190, 90),
}  # fmt: skip


def mask_of(points: Points, tilt: float = 0.0) -> NDArray[np.uint8]:
    """The polygon through the points in their order, turned by degrees about the middle."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.round(turned(points, tilt)).astype(np.int32)], (255,))
    return mask


def turned(points: Points, tilt: float) -> NDArray[np.float64]:
    """The points, turned by degrees about the middle of the picture."""
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), tilt, 1.0)
    return np.array(list(points.values()), np.float64) @ matrix[:, :2].T + matrix[:, 2]


def photo_of(points: Points, seed: int = 0) -> NDArray[np.uint8]:
    """A blue garment on a sandy ground, both with grain."""
    random = np.random.default_rng(seed)
    inside = mask_of(points)[..., None] > 0
    plain = np.where(inside, np.array([40, 60, 150]), np.array([205, 185, 150]))
    return np.clip(plain + random.normal(0, 6, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)
