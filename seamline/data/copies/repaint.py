"""Edits that give a part other cloth, under the same folds and light. Each returns None where it cannot be done."""

from __future__ import annotations

import cv2
import numpy as np

from seamline.data.copies.cloth import Cloth, as_colour, distinct_colour, evenly_lit, lab_of, main_colour
from seamline.data.copies.edit_region import EditRegion
from seamline.data.copies.sample import Floats, GarmentSample
from seamline.data.copies.zones import region_zones
from seamline.synthetic.cloth import weighted_choice
from seamline.synthetic.design import Colour
from seamline.synthetic.noise import smooth_noise
from seamline.synthetic.palette import print_colours
from seamline.synthetic.patterns import PATTERNS

_TILE = 128
"""Side of a pattern's tile in pixels."""
_LEAST_PRINT = 0.1
"""Share of a part that a print must cover for its mirroring to be a redesign; folds alone are none."""
_PATTERN_SHARES = {
    "stripes": 12, "breton": 6, "pinstripes": 4, "gingham": 5, "check": 7, "tartan": 8, "dots": 8, "floral": 12,
    "camouflage": 7, "tiedye": 4, "leopard": 2, "chevron": 4, "aztec": 4, "gradient": 2, "paisley": 4, "melange": 3,
}  # fmt: skip


def recolour(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """Another dye: differences within the cloth, prints included, stay as they were."""
    cloth = region.cloth
    target = lab_of(np.array(distinct_colour(cloth.lab, region.params.contrast, random), np.float32))
    lab = np.asarray(cv2.cvtColor(region.pixels, cv2.COLOR_RGB2LAB), np.float32)
    gain = float(np.clip(target[0] / max(20.0, float(cloth.lab[0])), 0.5, 1.6))
    turn = random.uniform(0, 2 * np.pi)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    keep = 1.0 if cloth.share < 0.8 else 0.4
    changed = np.empty_like(lab)
    changed[..., 0] = target[0] + gain * (lab[..., 0] - cloth.lab[0])
    changed[..., 1:] = target[1:] + keep * ((lab[..., 1:] - cloth.lab[1:]) @ spin.T)
    dyed = cv2.cvtColor(np.clip(changed, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    return region.with_window(np.asarray(dyed, np.float32))


def plain_cloth(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """Plain cloth of another colour in place of whatever was there."""
    cloth = region.cloth
    return region.with_window(lit(distinct_colour(cloth.lab, region.params.contrast, random), cloth))


def pattern(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """Stripes, checks, dots, flowers, camouflage and the like."""
    cloth = region.cloth
    base = as_colour(cloth.rgb) if random.random() < 0.4 else distinct_colour(cloth.lab, region.params.contrast, random)
    name = weighted_choice(random, _PATTERN_SHARES)
    first, second, third, _ = print_colours(random, base)
    colours = np.array([base, first, third, second], np.float32) / 255
    repeats = int(random.integers(2, 7))
    tile = PATTERNS[name](random, _TILE, repeats, colours)
    period = random.uniform(0.03, 0.1) * max(region.zone.shape)
    colour = _laid(region, cloth, np.asarray(tile * 255, np.float32), repeats * period / _TILE, random)
    return region.with_window(colour * cloth.light[..., None])


def source_cloth(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """The cloth of a source, with its own print and weave, spread over the part."""
    cloth = region.cloth
    for index in random.permutation(len(region.sources))[:3]:
        piece = _piece(region.sources[index], random)
        if piece is not None and _suits(region, cloth, piece):
            covering = 2 * max(region.inside.shape) / max(piece.shape)
            scale = float(np.clip(covering, 0.8, random.uniform(1.2, 2.0)))
            colour = _laid(region, cloth, piece, scale, random)
            light = np.asarray(cv2.GaussianBlur(cloth.light, (0, 0), 2.0), np.float32)
            return region.with_window(colour * light[..., None])
    return None


def mosaic(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """The part's print replaced by blocks of its mean colours."""
    cloth = region.cloth
    block = max(4, round(random.uniform(0.04, 0.12) * max(region.inside.shape)))
    height, width = region.inside.shape
    even = (region.pixels / np.maximum(cloth.light, 0.3)[..., None]).astype(np.float32)
    small = cv2.resize(even, (max(2, width // block), max(2, height // block)), interpolation=cv2.INTER_AREA)
    small = np.clip(small + random.normal(0, random.uniform(8, 22), small.shape), 0, 255).astype(np.float32)
    blocks = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
    return region.with_window(np.asarray(blocks * cloth.light[..., None], np.float32))


def mirrored(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """The part's own print turned over about its axis; where there was nothing, its cloth."""
    cloth, frame = region.cloth, region.frame
    if float((cloth.plain < 0.2)[region.inside > 0].mean()) < _LEAST_PRINT:
        return None
    upside = random.random() < 0.2
    axis = frame.along if upside else frame.across
    turn = np.eye(2, dtype=np.float32) - 2 * np.outer(axis, axis)
    matrix = np.column_stack([turn, frame.origin - turn @ frame.origin]).astype(np.float32)
    albedo = region.pixels / cloth.light[..., None]
    fallen = np.where(region.inside[..., None] > 0, albedo, cloth.rgb).astype(np.float32)
    size = region.inside.shape[1], region.inside.shape[0]
    border = tuple(float(part) for part in cloth.rgb)
    turned = cv2.warpAffine(fallen, matrix, size, flags=cv2.INTER_LINEAR, borderValue=border)
    return region.with_window(np.asarray(turned * cloth.light[..., None], np.float32))


def lit(colour: Colour, cloth: Cloth) -> Floats:
    """Plain cloth (h, w, 3) of a colour, RGB 0..255, in the part's light."""
    return np.asarray(np.array(colour, np.float32) * cloth.light[..., None], np.float32)


def _laid(region: EditRegion, cloth: Cloth, tile: Floats, scale: float, random: np.random.Generator) -> Floats:
    """A tile repeated over the window along the part's own axes, `scale` pixels a pixel, pulled about by the folds."""
    across, along = region.frame.coordinates(region.inside.shape)
    pull = smooth_noise(random, region.inside.shape, (30.0, 30.0)) * 1.5
    slope = cv2.Sobel(cv2.GaussianBlur(cloth.light, (0, 0), 4.0), cv2.CV_32F, 1, 0, ksize=3)
    height, width = tile.shape[:2]
    shift = random.uniform(0, 1, 2) * (width, height)
    x = np.mod((across + pull + 12 * slope) / scale + shift[0], width).astype(np.float32)
    y = np.mod((along + pull) / scale + shift[1], height).astype(np.float32)
    padded = np.pad(_prefiltered(tile, scale), ((0, 1), (0, 1), (0, 0)), mode="wrap")
    return np.asarray(cv2.remap(padded, x, y, cv2.INTER_LINEAR), np.float32)


def _prefiltered(tile: Floats, scale: float) -> Floats:
    """The tile without details finer than a pixel of the photo."""
    return np.asarray(cv2.GaussianBlur(tile, (0, 0), 0.45 / scale), np.float32) if scale < 0.8 else tile


def _piece(source: GarmentSample, random: np.random.Generator) -> Floats | None:
    """A square of a source's cloth, evenly lit, its edges made to fit each other by mirroring."""
    zones = [zone for zone in region_zones(source)[1:3] if zone.any()]
    if not zones:
        return None
    zone = zones[int(random.integers(len(zones)))]
    inner = cv2.distanceTransform(np.pad(zone, 1), cv2.DIST_C, cv2.DIST_MASK_3)[1:-1, 1:-1]
    half = int(inner.max() * 0.95)
    if half < 16:
        return None
    y, x = np.unravel_index(int(inner.argmax()), inner.shape)
    square = np.ascontiguousarray(source.rgb[y - half + 1 : y + half - 1, x - half + 1 : x + half - 1])
    even = evenly_lit(square, np.full(square.shape[:2], 255, np.uint8))
    across = np.concatenate([even, even[:, ::-1]], 1)
    return np.concatenate([across, across[::-1]], 0)


def _suits(region: EditRegion, cloth: Cloth, piece: Floats) -> bool:
    """Whether the piece can be told from the cloth: by its colour, or by a print that the cloth does not have."""
    lab = np.asarray(cv2.cvtColor(np.clip(piece[::4, ::4], 0, 255).astype(np.uint8), cv2.COLOR_RGB2LAB), np.float32)
    pixels = lab.reshape(-1, 3)
    main = main_colour(pixels)
    printed = float((np.abs(pixels - main).sum(1) > 30).mean())
    apart = float(np.linalg.norm(main - cloth.lab))
    return apart >= region.params.contrast[0] or (printed > 0.25 and cloth.share > 0.7)
