"""Prints: lettering, emblems, pictograms and scenes, drawn with Pillow as pictures with transparency."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from seamline.synthetic.design import Colour, Print
from seamline.synthetic.figures import Place, Rng, disc, draw_figure, draw_text, polar, random_words, star

PRINT_KINDS: dict[str, float] = {
    "lettering": 22, "badge": 12, "emblem": 16, "animal": 11, "scene": 10, "bloom": 7, "number": 7, "collage": 8,
    "rays": 6, "splash": 6,
}  # fmt: skip
"""Kind of print -> its share."""


_Draw = Callable[[ImageDraw.ImageDraw, Rng, int, tuple[Colour, ...]], None]


def print_image(item: Print, pixels: int) -> NDArray[np.float32]:
    """The print as (H, W, 4) in 0..1, colours premultiplied by alpha, `pixels` wide.

    Raises KeyError for an unknown kind.
    """
    rng = np.random.default_rng(item.seed)
    side = max(24, pixels) * 2
    picture = Image.new("RGBA", (side, round(1.25 * side)), (*item.colours[0], 0))
    _KINDS[item.kind](ImageDraw.Draw(picture), rng, side, item.colours)
    box = picture.getbbox() or (0, 0, side, side)
    picture = picture.crop(box)
    size = (max(8, pixels), max(8, round(pixels * picture.height / max(1, picture.width))))
    rgba = np.asarray(picture.resize(size, Image.Resampling.HAMMING), np.float32) / 255
    rgba[..., :3] *= rgba[..., 3:]
    return np.pad(rgba, ((1, 1), (1, 1), (0, 0)))


def _lettering(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    words = random_words(rng, int(rng.integers(1, 4)))
    y = 0.16 * side
    for index, word in enumerate(words):
        wide = side * float(rng.uniform(0.6, 0.98)) if index else side * 0.96
        outline = colours[1] if rng.random() < 0.25 else None
        tall = draw_text(draw, (side / 2, y), word, wide, colours[index % 2 if rng.random() < 0.4 else 0], outline)
        y += tall * 0.5 + 0.16 * side
    if rng.random() < 0.35:
        draw.rectangle((0.1 * side, y - 0.08 * side, 0.9 * side, y - 0.05 * side), fill=colours[1])


def _badge(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    centre, radius = (side / 2, side * 0.42), side * 0.4
    style = int(rng.integers(3))
    if style == 0:
        disc(draw, centre, radius, colours[0])
        disc(draw, centre, radius * 0.88, None, colours[1], max(2, side // 60))
    elif style == 1:
        draw.polygon(star(centre, radius, int(rng.integers(6, 18)), float(rng.uniform(0.8, 0.92))), fill=colours[0])
    else:
        draw.rounded_rectangle((side * 0.08, side * 0.08, side * 0.92, side * 0.76), side * 0.1, fill=colours[0])
    draw_figure(draw, rng, (centre[0], centre[1] - radius * 0.25), radius * 0.42, (colours[1], colours[2], colours[3]))
    word, small = random_words(rng, 2)
    draw_text(draw, (centre[0], centre[1] + radius * 0.38), word, radius * 1.15, colours[1])
    draw_text(draw, (centre[0], centre[1] + radius * 0.66), small, radius * 0.6, colours[2])


def _emblem(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    centre = (side / 2, side * 0.4)
    count = int(rng.integers(3, 9))
    for layer in range(int(rng.integers(2, 5))):
        radius = side * 0.4 * (1 - 0.24 * layer)
        turn = float(rng.uniform(0, np.pi))
        colour = colours[layer % 3]
        style = int(rng.integers(4))
        if style == 0:
            draw.polygon(star(centre, radius, count, float(rng.uniform(0.4, 0.9)), turn), fill=colour)
        elif style == 1:
            draw.regular_polygon((*centre, radius), count, float(np.degrees(turn)), fill=colour)
        elif style == 2:
            disc(draw, centre, radius, colour)
        else:
            for step in range(count):
                place = polar(centre, 0.68 * radius, turn + 2 * np.pi * step / count)
                disc(draw, place, radius * 0.3, colour)
    if rng.random() < 0.4:
        draw_text(draw, (side / 2, side * 0.9), random_words(rng, 1)[0], side * 0.7, colours[0])


def _animal(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    centre, size = (side / 2, side * 0.45), side * 0.3
    _ears(draw, rng, centre, size, colours)
    _head(draw, rng, centre, size, colours)
    if rng.random() < 0.45:
        draw_text(draw, (centre[0], side * 0.92), random_words(rng, 1)[0], side * 0.7, colours[2])


def _oval(centre: Place, wide: float, tall: float) -> tuple[float, float, float, float]:
    return centre[0] - wide, centre[1] - tall, centre[0] + wide, centre[1] + tall


def _ears(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, size: float, colours: tuple[Colour, ...]) -> None:
    """Pointed, round or long ones."""
    (x, y), (fur, lining) = centre, colours[:2]
    kind, length = int(rng.integers(3)), float(rng.uniform(0.7, 1.4))
    for sign in (-1, 1):
        if kind == 0:
            tip = 0.6 + 0.6 * length
            outer = ((0.95, -0.2), (0.8, -tip), (0.1, -0.8))
            inner = ((0.8, -0.4), (0.72, -tip * 0.85), (0.3, -0.7))
            draw.polygon([(x + sign * a * size, y + b * size) for a, b in outer], fill=fur)
            draw.polygon([(x + sign * a * size, y + b * size) for a, b in inner], fill=lining)
        elif kind == 1:
            place = (x + sign * size * 0.75, y - size * 0.75)
            disc(draw, place, size * 0.38, fur)
            disc(draw, place, size * 0.22, lining)
        else:
            place = (x + sign * size * 0.4, y - size * (0.75 + 0.3 * length))
            draw.ellipse(_oval(place, size * 0.22, size * (0.35 + 0.3 * length)), fill=fur)


def _head(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, size: float, colours: tuple[Colour, ...]) -> None:
    (x, y), (fur, muzzle) = centre, colours[:2]
    ink = (20, 20, 22) if sum(fur) > 250 else (240, 238, 230)
    draw.ellipse(_oval(centre, size * float(rng.uniform(0.85, 1.15)), size * 0.93), fill=fur)
    draw.ellipse(_oval((x, y + size * 0.43), size * 0.55, size * 0.45), fill=muzzle)
    eye, whiskers = float(rng.uniform(0.1, 0.2)), rng.random() < 0.5
    thin = max(1, round(size / 45))
    for sign in (-1, 1):
        disc(draw, (x + sign * size * 0.42, y - size * 0.2), size * eye, ink)
        for droop in (0.0, 0.2) if whiskers else ():
            start = (x + sign * size * 0.3, y + size * (0.4 + droop))
            draw.line((*start, x + sign * size * 1.25, y + size * (0.3 + 1.4 * droop)), fill=ink, width=thin)
    nose = ((-0.18, 0.12), (0.18, 0.12), (0, 0.36))
    draw.polygon([(x + a * size, y + b * size) for a, b in nose], fill=ink)
    mouth = (x - size * 0.3, y + size * 0.2, x + size * 0.3, y + size * 0.65)
    draw.arc(mouth, 10, 170, fill=ink, width=max(2, round(size / 27)))


def _scene(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    """A framed landscape: bands of sky, a sun, hills or waves, palms."""
    x0, y0, x1, y1 = side * 0.08, side * 0.04, side * 0.92, side * 0.74
    sky = [np.array(colours[index]) for index in (0, 1)]
    for row in range(int(y0), int(y1)):
        share = (row - y0) / (y1 - y0)
        red, green, blue = (sky[0] * (1 - share) + sky[1] * share).astype(int)
        draw.line((x0, row, x1, row), fill=(int(red), int(green), int(blue)))
    sun = (float(rng.uniform(0.3, 0.7)) * side, float(rng.uniform(0.25, 0.45)) * side)
    disc(draw, sun, side * float(rng.uniform(0.1, 0.18)), colours[2])
    for layer in range(3):
        base = y1 - (2 - layer) * side * 0.1
        steps = np.linspace(0, 1, 24)
        phase, tall = float(rng.uniform(0, 6)), side * float(rng.uniform(0.03, 0.12))
        ridge = [(x0 + t * (x1 - x0), base - tall * (0.5 + 0.5 * np.sin(phase + t * (5 + 3 * layer)))) for t in steps]
        tone = np.array(colours[2 if layer == 1 else 1]) * (0.75 - 0.22 * layer)
        draw.polygon([*ridge, (x1, y1), (x0, y1)], fill=(int(tone[0]), int(tone[1]), int(tone[2])))
    if rng.random() < 0.6:
        trunk = float(rng.uniform(0.2, 0.8)) * side
        draw.line((trunk, y1, trunk + side * 0.03, side * 0.3), fill=(18, 18, 20), width=max(2, side // 60))
        for angle in np.linspace(0.2, 2.9, 7):
            tip = (
                trunk + side * 0.03 + side * 0.14 * float(np.cos(angle)),
                side * 0.3 - side * 0.08 * float(np.sin(angle)) + side * 0.05,
            )
            draw.line((trunk + side * 0.03, side * 0.3, *tip), fill=(18, 18, 20), width=max(2, side // 70))
    if rng.random() < 0.6:
        draw_text(draw, (side / 2, side * 0.82), " ".join(random_words(rng, 2)), side * 0.82, colours[0])


def _bloom(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    shares = rng.uniform((0.25, 0.2), (0.75, 0.65), (rng.integers(3, 8), 2))
    places = [(side * float(x), side * float(y)) for x, y in shares]
    for place in places:
        foot = side * float(rng.uniform(0.4, 0.6))
        draw.line((*place, foot, side * 0.95), fill=(52, 92, 58), width=max(2, side // 90))
    for x, y in places:
        size, count = side * float(rng.uniform(0.07, 0.17)), int(rng.integers(5, 9))
        colour = colours[int(rng.integers(3))]
        for angle in np.arange(count) * 2 * np.pi / count:
            disc(draw, polar((x, y), size * 0.7, angle), size * 0.45, colour)
        disc(draw, (x, y), size * 0.4, (222, 180, 70))


def _number(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    draw_text(draw, (side / 2, side * 0.16), random_words(rng, 1)[0], side * 0.9, colours[0])
    draw_text(draw, (side / 2, side * 0.58), f"{int(rng.integers(1, 100)):02d}", side * 0.72, colours[0], colours[1])


def _collage(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    cells = int(rng.integers(2, 4))
    size = side * 0.9 / cells
    for row in range(cells):
        for column in range(cells):
            x, y = side * 0.05 + column * size, side * 0.02 + row * size
            picks = rng.permutation(3)
            draw.rectangle((x, y, x + size * 0.94, y + size * 0.94), fill=colours[int(picks[0])])
            shades = (colours[int(picks[1])], colours[int(picks[2])], colours[3])
            draw_figure(draw, rng, (x + size * 0.47, y + size * 0.47), size * 0.36, shades)


def _rays(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    centre, count = (side / 2, side * 0.42), int(rng.integers(9, 22))
    for step in range(count):
        angle, half = 2 * np.pi * step / count, np.pi / count * 0.55
        tips = [polar(centre, side * 0.42, angle + turn) for turn in (-half, half)]
        draw.polygon([centre, *tips], fill=colours[step % 2])
    disc(draw, centre, side * 0.2, colours[2])
    draw_figure(draw, rng, centre, side * 0.14, (colours[1], colours[0], colours[3]))


def _splash(draw: ImageDraw.ImageDraw, rng: Rng, side: int, colours: tuple[Colour, ...]) -> None:
    for _ in range(int(rng.integers(25, 60))):
        x, y = side * float(rng.normal(0.5, 0.16)), side * float(rng.normal(0.42, 0.13))
        radius = side * float(rng.gamma(1.5, 0.022))
        box = (x - radius, y - radius * float(rng.uniform(0.5, 1.3)), x + radius, y + radius)
        draw.ellipse(box, fill=colours[int(rng.integers(3))])
    draw_text(draw, (side / 2, side * 0.44), random_words(rng, 1)[0], side * 0.9, colours[3], colours[0])


_KINDS: dict[str, _Draw] = {
    "lettering": _lettering, "badge": _badge, "emblem": _emblem, "animal": _animal, "scene": _scene, "bloom": _bloom,
    "number": _number, "collage": _collage, "rays": _rays, "splash": _splash,
}  # fmt: skip
