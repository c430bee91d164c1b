"""Pairs of real photos, told by eye: `pairs.json` in a folder of photos."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

Group = tuple[str, ...]
"""Names of photos that belong together."""


@dataclasses.dataclass(frozen=True)
class RealPairs:
    """Real photos that show one garment, or one design in several colours; what only partly is the same, and the same
    shot twice, count neither for nor against."""

    same_item: tuple[Group, ...] = ()
    other_colour: tuple[Group, ...] = ()
    uncounted: tuple[Group, ...] = ()

    @property
    def photos(self) -> list[str]:
        """Their names, each once."""
        return sorted({name for group in (*self.same_item, *self.other_colour) for name in group})


def read_pairs(photos: Path) -> RealPairs:
    """The groups of `pairs.json`; none where there is no such file."""
    file = photos / "pairs.json"
    found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    same = tuple(tuple(group["photos"]) for group in found.get("same_item", []))
    partly = [tuple(entry["pair"]) for entry in found.get("partly_same", [])]
    shots = [tuple(group) for group in found.get("near_duplicates", [])]
    return RealPairs(same, tuple(tuple(group) for group in found.get("other_colour", [])), (*partly, *shots))
