"""Photo-like pictures of garments, drawn from a seed, with exact labels.

Depends on NumPy, Pillow and OpenCV only. A `Design` is what a copy repeats, a `Scene` what a photo adds.
"""

from seamline.synthetic.design import Design
from seamline.synthetic.design_sampler import random_design
from seamline.synthetic.sample import Drawn, draw_sample, photograph, render
from seamline.synthetic.scene import Scene, random_scene

__all__ = ["Design", "Drawn", "Scene", "draw_sample", "photograph", "random_design", "random_scene", "render"]
