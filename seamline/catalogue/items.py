"""What a catalogue says of one photo, and what could not be used of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool | None

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class Item:
    """One photo of a listing.

    `item`: the listing's id. `photo`: an absolute path or a URL. `metadata`: whatever else the source says of it.
    `place`: where the source says so, such as `items.csv, line 3`; empty for a folder.
    """

    item: str
    photo: str
    metadata: Mapping[str, Value] = field(default_factory=dict)
    place: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Item and photo, which together name what is indexed."""
        return self.item, self.photo


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be indexed, and why. `item` is None where the source itself cannot be read."""

    reason: str
    item: Item | None = None
    place: str = ""

    @property
    def subject(self) -> str:
        """What a person looks for: the photo, else the place in the source."""
        return self.item.photo if self.item is not None else self.place


Entry = Item | Failure


def is_url(photo: str) -> bool:
    """Whether a photo is named by a URL of any scheme."""
    return _SCHEME.match(photo) is not None
