"""Another photo of a garment that was photographed once.

The order is that of the physics: the cloth is laid, the ground put below it, light falls on both, the camera sees it
from somewhere, believes in some light and some brightness, and the file travels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.core.spec import LANDMARKS
from seamline.data.copies.sample import Floats, Mask
from seamline.data.copies.warp import Warp, remapped
from seamline.data.photographer.camera import taken
from seamline.data.photographer.finish import Finished, finished
from seamline.data.photographer.ground import another_ground
from seamline.data.photographer.hiding import hidden
from seamline.data.photographer.light import brightness, contact_shadow, folds, illuminant
from seamline.data.photographer.params import PhotographerParams
from seamline.data.photographer.radiance import LUMINANCE, linear_of, thumbnail
from seamline.data.photographer.scene import Scene, empty_ground, laid_down
from seamline.data.photographer.shot import Shot, Transform, moved_landmarks
from seamline.data.photographer.view import View, view_of


@dataclasses.dataclass(frozen=True)
class Photographer:
    """Takes second photos. `grounds`: pictures (H, W, 3) of grounds without garments, of any size."""

    params: PhotographerParams = dataclasses.field(default_factory=PhotographerParams)
    grounds: Sequence[Pixels] = ()

    def photograph(self, rgb: Pixels, mask: Mask | None, landmarks: Floats | None, random: np.random.Generator) -> Shot:
        """The garment of a photo (H, W, 3) in another one; the same state of `random` gives the same pixels.

        `mask` (H, W): above 127 on the garment; None or empty where it is not known or not trusted, when ground, cloth
        and sleeves stay as they are. `landmarks` (K, 3) as in GarmentSample. Raises ValueError for a mask of another
        size than the photo, or landmarks of another number than LANDMARKS.
        """
        known = _checked(rgb, mask, landmarks)
        params = self.params.drawn(random)
        wanted = random.random() < params.any_angle, random.random() < params.mirrored
        scene = laid_down(rgb, known, landmarks, params, wanted[0], random)
        within = scene.cut_off or not scene.on_ground
        warp = view_of(scene.mask, View(*wanted, within), params.view, random)
        light, seen, cover = self._lit(scene, warp, params, random)
        first = float((thumbnail(linear_of(rgb)) @ LUMINANCE).mean())
        end = finished(taken(light, first, params.camera, random), params.finish, random)
        transform = Transform(scene.hinges, dataclasses.replace(warp, matrix=end.matrix @ warp.matrix, size=end.size))
        cover = np.maximum(_carried(cover, end), end.sticker)
        shown = None if mask is None else np.where(cover > 127, 0, _carried(seen, end)).astype(np.uint8)
        points = None if landmarks is None else moved_landmarks(landmarks, transform, wanted[1])
        return Shot(end.rgb, shown, points, transform, wanted[1], cover)

    def _lit(
        self, scene: Scene, warp: Warp, params: PhotographerParams, random: np.random.Generator
    ) -> tuple[Floats, Mask, Mask]:
        """The scene's light (H, W, 3) in the view, the garment's mask there, and what lies on it."""
        maps = warp.maps()
        edge = cv2.BORDER_REPLICATE if scene.cut_off else cv2.BORDER_CONSTANT
        mask = remapped(scene.mask, maps, edge)
        beyond = cv2.BORDER_REPLICATE if scene.on_ground else cv2.BORDER_REFLECT_101
        front, cover = hidden(remapped(scene.rgb, maps, beyond), mask, params.hiding, random)
        light = linear_of(front)
        if mask.any():
            light = _times(light, _on(folds(warp.size, params.light, random), mask, cover))
        if scene.on_ground:
            ground = self._ground(scene, maps, warp.size, params, random)
            light = _composed(light, _matte(scene.mask, cover, maps, edge), ground, params, random)
        field = brightness(warp.size, params.light, random)
        colour = illuminant(params.light, random)
        return light * (field[..., None] * colour), mask, cover

    def _ground(
        self, scene: Scene, maps: Floats, size: tuple[int, int], params: PhotographerParams,
        random: np.random.Generator,
    ) -> Floats:  # fmt: skip
        if scene.replaced:
            return another_ground(self.grounds, size, params.ground, random)
        return linear_of(remapped(empty_ground(scene.rgb, scene.mask, random), maps, cv2.BORDER_REFLECT_101))


def _checked(rgb: Pixels, mask: Mask | None, landmarks: Floats | None) -> Mask:
    """The mask with the values 0 and 255, empty if there is none."""
    if mask is not None and mask.shape != rgb.shape[:2]:
        raise ValueError(f"the mask is {mask.shape[1]}x{mask.shape[0]}, its photo {rgb.shape[1]}x{rgb.shape[0]}")
    if landmarks is not None and landmarks.shape != (len(LANDMARKS), 3):
        raise ValueError(f"landmarks must be ({len(LANDMARKS)}, 3), not {landmarks.shape}")
    if mask is None:
        return np.zeros(rgb.shape[:2], np.uint8)
    return np.where(mask > 127, 255, 0).astype(np.uint8)


def _on(shading: Floats, mask: Mask, cover: Mask) -> Floats:
    """The shading (H, W) on the garment, 1 elsewhere."""
    share = np.asarray(cv2.subtract(mask, cover), np.float32) / 255
    return np.asarray(1 + share * (shading - 1), np.float32)


def _times(light: Floats, factor: Floats) -> Floats:
    return cast("Floats", cv2.multiply(light, cv2.merge([factor] * 3)))


def _matte(mask: Mask, cover: Mask, maps: Floats, edge: int) -> Floats:
    """How far a pixel (H, W) shows the garment or what lies on it, 0 to 1; a little inside the mask's border."""
    inner = cast("Mask", cv2.erode(mask, np.ones((3, 3), np.uint8)))
    soft = cv2.GaussianBlur(remapped(inner, maps, edge), (0, 0), 0.8)
    return np.asarray(np.maximum(soft, cover), np.float32) / 255


def _composed(
    light: Floats, matte: Floats, ground: Floats, params: PhotographerParams, random: np.random.Generator
) -> Floats:
    left = contact_shadow(matte, params.light, random)
    return cast("Floats", cv2.add(_times(light, matte), _times(ground, left * (1 - matte))))


def _carried(mask: Mask, end: Finished) -> Mask:
    """A mask of the picture as it was taken, in the finished one."""
    moved = cv2.warpAffine(mask, end.matrix[:2], end.size, flags=cv2.INTER_LINEAR)
    return np.where(moved > 127, 255, 0).astype(np.uint8)
