"""Photo-like pictures of garments, drawn from a seed, with exact labels.

Depends on NumPy, Pillow and OpenCV only. A `Design` is what a copy repeats, a `Shot` what a photo adds.
"""

from seamline.synthetic.design import Design
from seamline.synthetic.invent import invent
from seamline.synthetic.sample import Drawn, draw_sample, photograph, render
from seamline.synthetic.shot import Shot, take_shot

__all__ = ["Design", "Drawn", "Shot", "draw_sample", "invent", "photograph", "render", "take_shot"]
