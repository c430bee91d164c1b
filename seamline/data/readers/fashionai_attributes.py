"""FashionAI's attributes (Alibaba, 2018): a CSV file without header, `photo,attribute,label`.

A label has one letter per value of the attribute: y for the value, m for values that may also be meant, n for the
others. The set has neither boxes nor points, so its rows do not become training labels; they name the design of
collars, lapels, necklines and lengths, as ASEN (Ma et al., AAAI 2020) uses them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

from seamline.data.readers.bad_dataset import Location, Report, accepted, refuse
from seamline.data.readers.photo_file import photo_path, photo_size
from seamline.data.readers.text import lines

VALUES: Mapping[str, tuple[str, ...]] = {
    "skirt_length_labels": ("invisible", "short", "knee", "midi", "ankle", "floor"),
    "sleeve_length_labels": (
        "invisible", "sleeveless", "cup", "short", "elbow", "3/4", "wrist", "long", "extra long",
    ),
    "coat_length_labels": ("invisible", "high waist", "regular", "long", "micro", "knee", "midi", "ankle and floor"),
    "pant_length_labels": ("invisible", "short", "mid", "3/4", "cropped", "full"),
    "collar_design_labels": ("invisible", "shirt", "peter pan", "puritan", "rib"),
    "lapel_design_labels": ("invisible", "notched", "collarless", "shawl", "plus size shawl"),
    "neckline_design_labels": (
        "invisible", "strapless", "deep v", "straight", "v", "square", "off shoulder", "round", "sweetheart",
        "one shoulder",
    ),
    "neck_design_labels": ("invisible", "turtle", "ruffle semi-high", "low turtle", "draped"),
}  # fmt: skip
"""Attribute -> its values in the order of the label's letters."""


@dataclasses.dataclass(frozen=True)
class AttributeRow:
    """One photo's value of one attribute, and the values that may also be meant."""

    photo: Path
    attribute: str
    value: str
    possible: tuple[str, ...] = ()


def read_attributes(file: Path, photos: Path, report: Report = refuse) -> Iterator[AttributeRow]:
    """The rows of a label file whose photos are relative to `photos`. Raises BadDataset as `report` wants."""
    numbered = ((Location(file, number), line) for number, line in lines(file) if line.strip())
    return accepted(numbered, lambda row: _row(photos, *row), report)


def _row(photos: Path, at: Location, line: str) -> AttributeRow:
    fields = line.strip().split(",")
    if len(fields) != 3:
        raise at.bad(f"a row has 3 columns, not {len(fields)}")
    name, attribute, label = fields
    if attribute not in VALUES:
        raise at.bad(f"the attribute {attribute!r} is unknown; known are {', '.join(VALUES)}")
    values = VALUES[attribute]
    if len(label) != len(values) or not set(label) <= set("ymn"):
        raise at.bad(f"{attribute} has {len(values)} letters y, m or n, not {label!r}")
    if label.count("y") != 1:
        raise at.bad(f"the label {label!r} needs exactly one y")
    photo = photo_path(photos, name, at)
    photo_size(photo, at)
    possible = tuple(value for value, letter in zip(values, label, strict=True) if letter == "m")
    return AttributeRow(photo, attribute, values[label.index("y")], possible)
