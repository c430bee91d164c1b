"""What happens between two photos of one garment, as physics: ground, light, camera, cloth, and the file's way.

`Photographer(params, grounds).photograph(rgb, mask, landmarks, random)` gives a `Shot`; `grounds_of` makes grounds of
other photos; `PRESETS` holds the strengths that are fitted to pairs of real photos.
"""

from seamline.data.photographer.ground import grounds_of
from seamline.data.photographer.params import PRESETS, PhotographerParams
from seamline.data.photographer.photographer import Photographer
from seamline.data.photographer.shot import Shot, Transform

__all__ = ["PRESETS", "Photographer", "PhotographerParams", "Shot", "Transform", "grounds_of"]
