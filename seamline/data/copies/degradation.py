"""What a photo goes through between camera and platform: stickers, blur, noise, a smaller size, watermarks, JPEG."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from seamline.core.image import Pixels
from seamline.data.copies.params import PhotoParams
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.jpeg import recompressed

_NAMES = ("fashion shop", "STYLE STORE", "@daily.outfits", "sample", "BEST DEALS", "my wardrobe", "www.shop.example")
_OFFERS = ("SALE", "-50%", "NEW", "HOT", "TOP", "-30%")


def degraded(taken: GarmentSample, params: PhotoParams, random: np.random.Generator) -> GarmentSample:
    """Softer and noisier, smaller, marked, and through JPEG."""
    rgb = _grained(taken.rgb, random.uniform(*params.softness), random.uniform(*params.noise), random)
    height, width = taken.mask.shape
    scale = random.uniform(*params.size)
    size = max(16, round(width * scale)), max(16, round(height * scale))
    rgb, mask = (np.asarray(cv2.resize(it, size, interpolation=cv2.INTER_AREA), np.uint8) for it in (rgb, taken.mask))
    if random.random() < params.watermark:
        rgb = watermarked(rgb, random.uniform(*params.watermark_opacity), random)
    points = taken.points * np.array([size[0] / width, size[1] / height, 1.0], np.float32)
    rgb = recompressed(rgb, round(random.uniform(*params.quality)))
    return GarmentSample(rgb, np.where(mask > 127, 255, 0).astype(np.uint8), points.astype(np.float32), taken.category)


def _grained(rgb: Pixels, softness: float, noise: float, random: np.random.Generator) -> Pixels:
    if softness > 0.25:
        rgb = cast("Pixels", cv2.GaussianBlur(rgb, (0, 0), softness))
    if noise <= 0:
        return rgb
    grain = random.standard_normal(rgb.shape[:2], np.float32) * np.float32(noise)
    return cast("Pixels", cv2.add(rgb, cv2.merge([grain] * 3), dtype=cv2.CV_8U))


def watermarked(rgb: Pixels, opacity: float, random: np.random.Generator) -> Pixels:
    """The picture with a name on it, once or all over; `opacity`: share of the picture that the letters replace."""
    height, width = rgb.shape[:2]
    name = str(random.choice(_NAMES))
    cover = (_tiled if random.random() < 0.45 else _single)(name, height, width, random)
    ink = 255.0 if random.random() < 0.75 else 20.0
    share = opacity / 255 * cover[..., None].astype(np.float32)
    return (rgb + share * (ink - rgb)).astype(np.uint8)


def _letters(text: str, size: int) -> Mask:
    """The text's cover (height, width), letters about `size` pixels high."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("L", (max(1, round(right - left)) + 4, max(1, round(bottom - top)) + 4), 0)
    ImageDraw.Draw(picture).text((2 - left, 2 - top), text, fill=255, font=font)
    return np.asarray(picture, np.uint8)


def _tiled(name: str, height: int, width: int, random: np.random.Generator) -> Mask:
    text = _letters(name, max(9, round(random.uniform(0.03, 0.05) * max(height, width))))
    gap = round(1.8 * text.shape[0]), round(0.4 * text.shape[1])
    cell = np.pad(text, ((0, gap[0]), (0, gap[1])))
    row = np.tile(cell, (1, 2 * max(height, width) // cell.shape[1] + 2))
    rows = np.concatenate([row, np.roll(row, cell.shape[1] // 2, axis=1)])
    sheet = np.tile(rows, (2 * max(height, width) // rows.shape[0] + 2, 1))
    turn = cv2.getRotationMatrix2D((sheet.shape[1] / 2, sheet.shape[0] / 2), float(random.choice([-30, 0, 30])), 1.0)
    shift = np.array([[width - sheet.shape[1]], [height - sheet.shape[0]]]) / 2
    turn = np.concatenate([turn[:, :2], turn[:, 2:] + shift], axis=1)
    return cast("Mask", cv2.warpAffine(sheet, turn, (width, height)))


def _single(name: str, height: int, width: int, random: np.random.Generator) -> Mask:
    text = _fitting(_letters(name, max(9, round(random.uniform(0.04, 0.09) * max(height, width)))), height, width)
    cover = np.zeros((height, width), np.uint8)
    x = int(random.integers(width - text.shape[1] + 1))
    low = int(random.choice([0.05, 0.45, 0.85]) * (height - text.shape[0]))
    cover[low : low + text.shape[0], x : x + text.shape[1]] = text
    return cover


def _fitting(text: Mask, height: int, width: int) -> Mask:
    scale = min(1.0, 0.95 * width / text.shape[1], 0.95 * height / text.shape[0])
    size = max(1, int(text.shape[1] * scale)), max(1, int(text.shape[0] * scale))
    return cast("Mask", cv2.resize(text, size, interpolation=cv2.INTER_AREA))


def stickered(rgb: Pixels, size: float, random: np.random.Generator) -> tuple[Pixels, Mask]:
    """The picture with an offer stuck on it, `size` pixels wide, and what the sticker covers (H, W)."""
    height, width = rgb.shape[:2]
    radius = max(8.0, size / 2)
    centre = random.uniform(0.08, 0.92, 2) * (width, height)
    cover = _badge(height, width, centre, radius, random)
    dye = _BADGES[int(random.integers(len(_BADGES)))]
    text = _fitting(_letters(str(random.choice(_OFFERS)), round(0.7 * radius)), height, round(1.6 * radius))
    share = cover[..., None].astype(np.float32) / 255
    picture = rgb + share * (np.array(dye, np.float32) - rgb)
    letters = _placed(text, centre, height, width)[..., None].astype(np.float32) / 255 * share
    return (picture + letters * (250 - picture)).astype(np.uint8), cover


_BADGES = ((205, 30, 35), (230, 110, 20), (25, 25, 28), (30, 110, 60), (25, 80, 170))


def _badge(height: int, width: int, centre: Floats, radius: float, random: np.random.Generator) -> Mask:
    cover = np.zeros((height, width), np.uint8)
    x, y = (round(float(value)) for value in centre)
    half = round(radius)
    if random.random() < 0.6:
        cv2.circle(cover, (x, y), half, (255,), -1, cv2.LINE_AA)
    else:
        cv2.rectangle(cover, (x - half, y - half // 2), (x + half, y + half // 2), (255,), -1)
    return cover


def _placed(text: Mask, centre: Floats, height: int, width: int) -> Mask:
    """The letters about a centre, in an empty picture (height, width)."""
    move = np.array([[1, 0, centre[0] - text.shape[1] / 2], [0, 1, centre[1] - text.shape[0] / 2]], np.float32)
    return cast("Mask", cv2.warpAffine(text, move, (width, height)))
