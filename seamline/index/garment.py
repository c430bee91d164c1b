"""One garment as a row of a collection."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.box_corners import box_corners
from seamline.core.errors import InvalidArgument
from seamline.index.keys import content_key

Floats = NDArray[np.float32]
Shape = tuple[int, int]
"""(P, D): parts of a garment and the numbers of each."""

Value = str | int | float | bool | None

CORNERS = "part_corners"
"""In a record, of a garment that is turned in its photo."""

MAX_ITEM = 1024
MAX_PHOTO = 4096
MAX_RECORD = 16_384
"""Limits in bytes of UTF-8."""


@dataclasses.dataclass(frozen=True)
class Garment:
    """One row: where a garment comes from and its vectors.

    `item`: the listing's id. `photo`: where its photo is. `photo_sha256`: of the photo's bytes. `photo_size`: width and
    height. `number`: position among the photo's garments. `box` (4,), `part_boxes` (P, 4): in the photo's pixels.
    `vectors`: (P, D), unit length or zero. `metadata`: whatever else the catalogue says of the item. `corners`
    (P, 4, 2): of the parts of a garment that is turned in the photo, None for one whose boxes say it all.
    """

    item: str
    photo: str
    photo_sha256: str
    photo_size: tuple[int, int]
    number: int
    category: str
    box: Sequence[float]
    part_boxes: Sequence[Sequence[float]]
    vectors: Floats
    metadata: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    corners: Floats | None = None

    @classmethod
    def from_record(cls, record: str, vectors: Floats) -> Garment:
        """The garment whose `record` it is, with vectors (P, D). Raises InvalidArgument for another text."""
        try:
            told = json.loads(record)
            width, height = told["photo_size"]
            return cls(
                item=str(told["item"]),
                photo=str(told["photo"]),
                photo_sha256=str(told["photo_sha256"]),
                photo_size=(int(width), int(height)),
                number=int(told["garment"]),
                category=str(told["category"]),
                box=[float(value) for value in told["box"]],
                part_boxes=part_boxes(told),
                vectors=vectors,
                metadata=dict(told.get("metadata", {})),
                corners=np.array(part_corners(told), np.float32) if CORNERS in told else None,
            )
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidArgument("what is stored of a garment is not a record of seamline") from error

    @property
    def key(self) -> str:
        """The row's primary key."""
        return f"{content_key(self.item, self.photo, self.photo_sha256)}{self.number:02x}"

    @property
    def present(self) -> int:
        """Which parts there are: bit p stands for part p."""
        return int(self.vectors.any(-1) @ (1 << np.arange(len(self.vectors))))

    @property
    def record(self) -> str:
        """What a hit tells of the garment, as JSON. Raises InvalidArgument beyond MAX_RECORD bytes."""
        told = {
            "item": self.item,
            "photo": self.photo,
            "garment": self.number,
            "category": self.category,
            "box": [round(float(value), 1) for value in self.box],
            "part_boxes": [[_rounded(value) for value in box] for box in self.part_boxes],
            "photo_size": list(self.photo_size),
            "photo_sha256": self.photo_sha256,
        }
        if self.corners is not None:
            told[CORNERS] = [[[_rounded(value) for value in point] for point in part] for part in self.corners]
        if self.metadata:
            told["metadata"] = dict(self.metadata)
        return checked_record(json.dumps(told, ensure_ascii=False), self.item)


def part_boxes(record: Mapping[str, Any]) -> list[list[float]]:
    """The boxes (P, 4) that a record tells of, NaN where a part has no place. Earlier records call them `region_boxes`.

    Raises KeyError, TypeError and ValueError.
    """
    rows = record["part_boxes"] if "part_boxes" in record else record["region_boxes"]
    return [[math.nan if edge is None else float(edge) for edge in row] for row in rows]


def part_corners(record: Mapping[str, Any]) -> list[list[list[float]]]:
    """The corners (P, 4, 2) that a record tells of, those of its boxes where it has no others.

    Raises KeyError, TypeError and ValueError.
    """
    if CORNERS not in record:
        found: list[list[list[float]]] = box_corners(np.reshape(part_boxes(record), (-1, 4))).tolist()
        return found
    return [[[math.nan if value is None else float(value) for value in p] for p in part] for part in record[CORNERS]]


def turned_corners(boxes: Floats, corners: Floats) -> Floats | None:
    """The corners (P, 4, 2) where the boxes (P, 4) do not say them, else None."""
    return None if np.allclose(box_corners(boxes), corners, atol=0.05, equal_nan=True) else corners


def _rounded(edge: float) -> float | None:
    """For JSON, which has no NaN."""
    return round(float(edge), 1) if math.isfinite(edge) else None


def checked_record(record: str, item: str) -> str:
    """A record that a row can hold. Raises InvalidArgument beyond MAX_RECORD bytes and for lone surrogates."""
    try:
        size = len(record.encode())
    except UnicodeEncodeError:
        raise InvalidArgument(f"what is known of the item {item[:40]!r} is not valid Unicode text") from None
    if size > MAX_RECORD:
        raise InvalidArgument(
            f"what is known of the item {item[:40]!r} takes {size:,} bytes and a row holds {MAX_RECORD:,}; "
            "leave columns of its metadata out"
        )
    return record
