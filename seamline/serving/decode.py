"""decode: the bytes of a photo -> upright pixels, and the detector's input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from seamline.core import image
from seamline.core.errors import BadPhoto
from seamline.core.photo_warnings import to_json
from seamline.serving.step import Array, Setting, Tensors, as_bytes, required


class Decode:
    """IMAGE -> PHOTO (h, w, 3) uint8, PHOTO_SIZE (width, height), DETECTOR_INPUT (1, side, side, 3) uint8.

    PHOTO_WARNINGS: what of the file is not in the pixels, as JSON. Parameters: max_bytes, max_pixels.
    """

    inputs: ClassVar[tuple[str, ...]] = ("IMAGE",)
    outputs: ClassVar[tuple[str, ...]] = ("PHOTO", "PHOTO_SIZE", "PHOTO_WARNINGS", "DETECTOR_INPUT")

    def __init__(self, setting: Setting) -> None:
        self._spec = setting.spec
        defaults = image.Limits()
        self._limits = image.Limits(
            max_bytes=setting.number("max_bytes", defaults.max_bytes),
            max_pixels=setting.number("max_pixels", defaults.max_pixels),
        )

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        files = required(tensors, "IMAGE").reshape(-1)
        if files.size != 1:
            raise BadPhoto(f"IMAGE holds one photo per request; got {files.size}")
        photo = image.decode(bytes(files[0]), self._spec.photo.working_side, self._limits)
        boxed, _ = image.letterbox(photo.rgb, self._spec.detector.side, self._spec.photo.fill)
        return {
            "PHOTO": photo.rgb,
            "PHOTO_SIZE": np.array([photo.width, photo.height], np.int32),
            "PHOTO_WARNINGS": as_bytes((to_json(photo.warnings),), (1,)),
            "DETECTOR_INPUT": boxed[None],
        }
