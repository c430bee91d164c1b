"""What prints are put together from: words, stars, discs and small pictures."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from PIL import ImageDraw, ImageFont

from seamline.synthetic.design import Colour

_WORDS = (
    "NORTH", "SHORE", "HARBOUR", "WILD", "RIVER", "SUMMIT", "COAST", "DREAM", "FUTURE", "ORBIT", "CANYON", "MEADOW",
    "VELVET", "THUNDER", "LUCKY", "RADIO", "SUNSET", "GARDEN", "ISLAND", "PACIFIC", "CLUB", "RUNNERS", "ATHLETIC",
    "STUDIO", "MIDNIGHT", "ORIGINAL", "CHAOS", "PEACE", "MUSIC", "LOVE", "HELLO", "OCEAN", "DESERT", "FOREST", "TIGER",
    "COMET", "ROCKET", "VINTAGE", "SCHOOL", "TEAM", "ROAD", "SURF", "SNOW", "SUGAR", "LEMON", "COFFEE", "WINTER",
    "SUMMER", "CITY", "STREET", "NOMAD",
)  # fmt: skip


Rng = np.random.Generator


@functools.cache
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def draw_text(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    text: str,
    wide: float,
    colour: Colour,
    outline: Colour | None = None,
) -> float:
    """Write a word so that it is `wide` pixels wide; returns its height."""
    font = _font(40)
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font, stroke_width=2)
    size = max(8.0, min(40 * wide / max(1.0, right - left), wide * 0.8))
    font = _font(round(size))
    stroke = max(1, round(size / 14))
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font, stroke_width=stroke)
    place = (centre[0] - (left + right) / 2, centre[1] - (top + bottom) / 2)
    draw.text(place, text, fill=colour, font=font, stroke_width=stroke, stroke_fill=outline or colour)
    return bottom - top


def random_words(rng: Rng, count: int) -> list[str]:
    return [str(word) for word in rng.choice(_WORDS, count, replace=False)]


def star(
    centre: tuple[float, float], radius: float, points: int, depth: float, turn: float = -np.pi / 2
) -> list[tuple[float, float]]:
    angles = turn + np.arange(2 * points) * np.pi / points
    radii = radius * np.where(np.arange(2 * points) % 2 == 0, 1.0, depth)
    return [polar(centre, r, a) for a, r in zip(angles, radii, strict=True)]


def polar(centre: tuple[float, float], radius: float, angle: float) -> tuple[float, float]:
    """The point at a distance and angle (radians) from a centre."""
    return centre[0] + float(radius * np.cos(angle)), centre[1] + float(radius * np.sin(angle))


def disc(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    radius: float,
    fill: Colour | None,
    line: Colour | None = None,
    width: int = 0,
) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill, outline=line, width=width)


Place = tuple[float, float]
_Figure = Callable[[ImageDraw.ImageDraw, Rng, Place, float, tuple[Colour, ...]], None]


def draw_figure(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    """A small random picture in three colours, within `radius` pixels of its centre."""
    _FIGURES[int(rng.integers(len(_FIGURES)))](draw, rng, centre, radius, colours)


def _around(centre: Place, radius: float, shape: tuple[Place, ...]) -> list[Place]:
    return [(centre[0] + x * radius, centre[1] + y * radius) for x, y in shape]


def _spark(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    draw.polygon(star(centre, radius, int(rng.integers(4, 9)), float(rng.uniform(0.35, 0.7))), fill=colours[0])


def _peaks(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    for across, size, colour in ((-0.35, 0.75, colours[1]), (0.3, 1.0, colours[0])):
        top = (centre[0] + across * radius, centre[1] - size * radius * 0.8)
        base = centre[1] + radius * 0.6
        draw.polygon([top, (top[0] + 0.9 * size * radius, base), (top[0] - 0.9 * size * radius, base)], fill=colour)
        draw.polygon(_around(top, size * radius, ((0, 0), (0.25, 0.4), (-0.25, 0.4))), fill=colours[2])


def _heart(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    for lobe in _around(centre, radius, ((-0.42, -0.25), (0.42, -0.25))):
        disc(draw, lobe, radius * 0.5, colours[0])
    draw.polygon(_around(centre, radius, ((-0.88, -0.02), (0.88, -0.02), (0, 0.95))), fill=colours[0])


def _sea(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    for row in range(3):
        wave = tuple((float(t), (row - 1) * 0.5 + 0.15 * float(np.sin(6 * t))) for t in np.linspace(-1, 1, 30))
        draw.line(_around(centre, radius, wave), fill=colours[row % 2], width=max(2, int(radius * 0.18)))


def _bolt(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    shape = ((0.1, -1), (-0.55, 0.15), (-0.05, 0.15), (-0.25, 1), (0.55, -0.2), (0.05, -0.2), (0.4, -1))
    draw.polygon(_around(centre, radius, shape), fill=colours[0])


def _tree(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    for row in range(3):
        top, wide = -1 + 0.45 * row, 0.35 + 0.15 * row
        draw.polygon(_around(centre, radius, ((0, top), (wide, top + 0.7), (-wide, top + 0.7))), fill=colours[0])
    draw.rectangle(_around(centre, radius, ((-0.1, 0.75), (0.1, 1.0))), fill=colours[1])


def _smile(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    disc(draw, centre, radius * 0.9, colours[0])
    for eye in _around(centre, radius, ((-0.35, -0.2), (0.35, -0.2))):
        disc(draw, eye, radius * 0.12, colours[1])
    mouth = _around(centre, radius, ((-0.5, -0.4), (0.5, 0.55)))
    draw.arc(mouth, 20, 160, fill=colours[1], width=max(2, int(radius * 0.12)))


def _moon(draw: ImageDraw.ImageDraw, rng: Rng, centre: Place, radius: float, colours: tuple[Colour, ...]) -> None:
    disc(draw, centre, radius * 0.85, colours[0])
    disc(draw, (centre[0] + radius * 0.35, centre[1] - radius * 0.15), radius * 0.7, colours[1])


_FIGURES: tuple[_Figure, ...] = (_spark, _peaks, _heart, _sea, _bolt, _tree, _smile, _moon)
