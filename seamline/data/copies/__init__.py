"""From a photo of a garment, copies with one or two regions redesigned, as somebody else would publish them.

`redesign` changes regions and leaves everything else, `rephotograph` takes another photo, `make_copy` does both and
tells what became of each region. `LEVELS` holds every number that makes copies easier or harder to recognise.
"""

from seamline.data.copies.background import background_of
from seamline.data.copies.generator import make_copy
from seamline.data.copies.levels import CROSS, LEVELS, LEVELS_VERSION, WORN, Level
from seamline.data.copies.originals import sample_of
from seamline.data.copies.params import EditParams, PhotoParams
from seamline.data.copies.redesign import Redesigned, redesign
from seamline.data.copies.rephotograph import Rephotographed, rephotograph
from seamline.data.copies.sample import COPY_PARTS, Copy, GarmentSample

__all__ = [
    "COPY_PARTS",
    "CROSS",
    "LEVELS",
    "LEVELS_VERSION",
    "WORN",
    "Copy",
    "EditParams",
    "GarmentSample",
    "Level",
    "PhotoParams",
    "Redesigned",
    "Rephotographed",
    "background_of",
    "make_copy",
    "redesign",
    "rephotograph",
    "sample_of",
]
