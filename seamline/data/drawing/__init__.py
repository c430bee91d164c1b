"""Photo-like pictures of garments, drawn from a seed, with exact labels.

Depends on NumPy, Pillow and OpenCV only. A `Design` is what a copy repeats, a `Shot` what a photo adds.
"""

from seamline.data.drawing.design import Design
from seamline.data.drawing.invent import invent
from seamline.data.drawing.sample import Drawn, draw_sample, photograph, render
from seamline.data.drawing.shot import Shot, take_shot

__all__ = ["Design", "Drawn", "Shot", "draw_sample", "invent", "photograph", "render", "take_shot"]
