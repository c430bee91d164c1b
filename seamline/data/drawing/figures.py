"""What prints are put together from: words, stars, discs and small pictures."""

from __future__ import annotations

import functools

import numpy as np
from PIL import ImageDraw, ImageFont

from seamline.data.drawing.design import Colour

_WORDS = (
    "NORTH",
    "SHORE",
    "HARBOUR",
    "WILD",
    "RIVER",
    "SUMMIT",
    "COAST",
    "DREAM",
    "FUTURE",
    "ORBIT",
    "CANYON",
    "MEADOW",
    "VELVET",
    "THUNDER",
    "LUCKY",
    "RADIO",
    "SUNSET",
    "GARDEN",
    "ISLAND",
    "PACIFIC",
    "CLUB",
    "RUNNERS",
    "ATHLETIC",
    "STUDIO",
    "MIDNIGHT",
    "ORIGINAL",
    "CHAOS",
    "PEACE",
    "MUSIC",
    "LOVE",
    "HELLO",
    "OCEAN",
    "DESERT",
    "FOREST",
    "TIGER",
    "COMET",
    "ROCKET",
    "VINTAGE",
    "SCHOOL",
    "TEAM",
    "ROAD",
    "SURF",
    "SNOW",
    "SUGAR",
    "LEMON",
    "COFFEE",
    "WINTER",
    "SUMMER",
    "CITY",
    "STREET",
    "NOMAD",
)


Rng = np.random.Generator


@functools.cache
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def write(
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


def pick_words(rng: Rng, count: int) -> list[str]:
    return [str(word) for word in rng.choice(_WORDS, count, replace=False)]


def star(
    centre: tuple[float, float], radius: float, points: int, depth: float, turn: float = -np.pi / 2
) -> list[tuple[float, float]]:
    angles = turn + np.arange(2 * points) * np.pi / points
    radii = radius * np.where(np.arange(2 * points) % 2 == 0, 1.0, depth)
    return [
        (centre[0] + float(r * np.cos(a)), centre[1] + float(r * np.sin(a))) for a, r in zip(angles, radii, strict=True)
    ]


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


def draw_figure(
    draw: ImageDraw.ImageDraw,
    rng: Rng,
    centre: tuple[float, float],
    radius: float,
    colours: tuple[Colour, ...],
) -> None:
    """A small picture: star, mountain, heart, wave, bolt, tree, anchor-like cross, moon."""
    x, y = centre
    kind = int(rng.integers(8))
    first, second = colours[0], colours[1]
    if kind == 0:
        draw.polygon(star(centre, radius, int(rng.integers(4, 9)), float(rng.uniform(0.35, 0.7))), fill=first)
    elif kind == 1:
        for dx, size, colour in ((-0.35, 0.75, second), (0.3, 1.0, first)):
            peak = (x + dx * radius, y - size * radius * 0.8)
            draw.polygon(
                [
                    peak,
                    (peak[0] + size * radius * 0.9, y + radius * 0.6),
                    (peak[0] - size * radius * 0.9, y + radius * 0.6),
                ],
                fill=colour,
            )
            draw.polygon(
                [
                    peak,
                    (peak[0] + size * radius * 0.25, peak[1] + size * radius * 0.4),
                    (peak[0] - size * radius * 0.25, peak[1] + size * radius * 0.4),
                ],
                fill=colours[2],
            )
    elif kind == 2:
        disc(draw, (x - radius * 0.42, y - radius * 0.25), radius * 0.5, first)
        disc(draw, (x + radius * 0.42, y - radius * 0.25), radius * 0.5, first)
        draw.polygon(
            [
                (x - radius * 0.88, y - radius * 0.02),
                (x + radius * 0.88, y - radius * 0.02),
                (x, y + radius * 0.95),
            ],
            fill=first,
        )
    elif kind == 3:
        for row in range(3):
            wave = [
                (x + t * radius, y + (row - 1) * radius * 0.5 + np.sin(t * 6) * radius * 0.15)
                for t in np.linspace(-1, 1, 30)
            ]
            draw.line(wave, fill=first if row % 2 == 0 else second, width=max(2, int(radius * 0.18)))
    elif kind == 4:
        bolt = ((0.1, -1), (-0.55, 0.15), (-0.05, 0.15), (-0.25, 1), (0.55, -0.2), (0.05, -0.2), (0.4, -1))
        draw.polygon([(x + a * radius, y + b * radius) for a, b in bolt], fill=first)
    elif kind == 5:
        for row in range(3):
            tip = y - radius + row * radius * 0.45
            draw.polygon(
                [
                    (x, tip),
                    (x + radius * (0.35 + 0.15 * row), tip + radius * 0.7),
                    (x - radius * (0.35 + 0.15 * row), tip + radius * 0.7),
                ],
                fill=first,
            )
        draw.rectangle((x - radius * 0.1, y + radius * 0.5, x + radius * 0.1, y + radius), fill=second)
    elif kind == 6:
        disc(draw, centre, radius * 0.9, first)
        for dx in (-0.35, 0.35):
            disc(draw, (x + dx * radius, y - 0.2 * radius), radius * 0.12, second)
        draw.arc(
            (x - radius * 0.5, y - radius * 0.4, x + radius * 0.5, y + radius * 0.55),
            20,
            160,
            fill=second,
            width=max(2, int(radius * 0.12)),
        )
    else:
        disc(draw, centre, radius * 0.85, first)
        disc(draw, (x + radius * 0.35, y - radius * 0.15), radius * 0.7, (0, 0, 0, 0))  # type: ignore[arg-type]
