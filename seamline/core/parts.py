"""A garment is P parts: P named unit vectors of D numbers, zero where a part is absent.

PS-Net's parts are five regions, an attribute embedding's are its attributes, an ensemble's are its learners, and a
global embedding has the one part `whole`. Index, rankings, client, report and evaluation know parts and nothing else
of a system.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

MOST_PARTS = 62
"""Which parts a row has is one 64-bit number of the index."""

ANY_CATEGORY = "default"

WHOLE_NAME = "whole"
WHOLE_NAMES = (WHOLE_NAME, "whole_detail")
"""What the parts are called that are the garment as one vector; they have no place of their own. Where there are two,
the second holds finer differences than the first."""


@dataclasses.dataclass(frozen=True)
class Parts:
    """Names of the P parts in their fixed order, and what belongs to each.

    `mirror`: place of each part's counterpart in a mirrored photo, its own where it has none. `dimension`: D numbers
    of each vector. `labels`: category, or "default" -> P names for people, where they differ from `names`.
    Raises ValueError for parts that contradict each other.
    """

    names: tuple[str, ...]
    mirror: tuple[int, ...]
    dimension: int
    labels: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(problem)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def whole(self) -> tuple[int, ...]:
        """Places of the parts that are the garment as a whole, beside others, which rankings treat apart."""
        found = tuple(place for place, name in enumerate(self.names) if name in WHOLE_NAMES)
        return found if len(found) < len(self.names) else ()

    @property
    def regions(self) -> tuple[int, ...]:
        """Places of all other parts."""
        return tuple(place for place in range(len(self.names)) if place not in self.whole)

    def only(self, places: Sequence[int]) -> Parts:
        """The parts in these places, each with its counterpart among them."""
        mirror = tuple(places.index(self.mirror[place]) for place in places)
        return Parts(tuple(self.names[place] for place in places), mirror, self.dimension)

    def labels_for(self, category: str) -> tuple[str, ...]:
        """What the P parts are called on a garment of this category."""
        spoken = tuple(name.replace("_", " ") for name in self.names)
        return self.labels.get(category, self.labels.get(ANY_CATEGORY, spoken))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Parts:
        """From what `to_data` gives. Raises KeyError, TypeError and ValueError for anything else."""
        labels = {str(key): tuple(map(str, row)) for key, row in data.get("labels", {}).items()}
        return cls(tuple(map(str, data["names"])), tuple(map(int, data["mirror"])), int(data["dimension"]), labels)

    def to_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        data: dict[str, Any] = {
            "names": list(self.names),
            "mirror": list(self.mirror),
            "dimension": self.dimension,
        }
        return {**data, "labels": {key: list(row) for key, row in self.labels.items()}} if self.labels else data

    def _problems(self) -> list[str]:
        count = len(self.names)
        problems = []
        if not 1 <= count <= MOST_PARTS:
            problems.append(f"there are {count} parts; a garment has 1 to {MOST_PARTS}")
        if len(set(self.names)) != count or not all(self.names):
            problems.append("the names of the parts are not different names")
        if sorted(self.mirror) != list(range(count)) or any(
            self.mirror[place] != p for p, place in enumerate(self.mirror)
        ):
            problems.append("mirror does not name each part's counterpart, whose counterpart it is in turn")
        if self.dimension < 1:
            problems.append(f"the dimension of a part is {self.dimension} and should be at least 1")
        if any(len(row) != count for row in self.labels.values()):
            problems.append(f"a row of labels has not {count} names")
        return problems


WHOLE = Parts((WHOLE_NAME,), (0,), 1)
"""A garment as one vector; replace the dimension by that of the vector."""


def unnamed_parts(dimension: int) -> Parts:
    """The parts of files and collections that do not name theirs: earlier formats had these five."""
    names = ("collar", "chest", "waist", "left_sleeve", "right_sleeve")
    return Parts(names, (0, 1, 2, 4, 3), dimension)
