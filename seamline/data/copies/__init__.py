"""The copier: from a photo of a garment, a copy with one or two regions redesigned, as somebody else would publish it.

`redesign` changes regions and leaves everything else, `publish` takes another photo, `make_copy` does both and tells
what became of each region. `LEVELS` holds every number that makes copies easier or harder to recognise.
"""

from seamline.data.copies.backdrop import ground_of
from seamline.data.copies.copies import make_copy, specimen_of
from seamline.data.copies.levels import LEVELS, LEVELS_VERSION, Level
from seamline.data.copies.publish import Published, Publishing, publish
from seamline.data.copies.redesign import Redesign, Redesigned, redesign
from seamline.data.copies.specimen import Copy, Specimen

__all__ = [
    "LEVELS",
    "LEVELS_VERSION",
    "Copy",
    "Level",
    "Published",
    "Publishing",
    "Redesign",
    "Redesigned",
    "Specimen",
    "ground_of",
    "make_copy",
    "publish",
    "redesign",
    "specimen_of",
]
