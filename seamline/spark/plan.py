"""What all runs that fill one output folder must agree on; written by the first, read by the others."""

from __future__ import annotations

import dataclasses
import json

from seamline.core.errors import BadOption, FingerprintMismatch
from seamline.core.parts import unnamed_parts
from seamline.index.garment import Shape
from seamline.index.keys import item_number

PHOTOS_PER_PARTITION = 2000
"""Photos of a partition where the number of partitions is not given: what a task that dies can cost."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """`partitions`: of the output. `fingerprint`: of the weights of all vectors (`parts`, `dimension`)."""

    partitions: int
    fingerprint: str
    parts: int
    dimension: int

    @property
    def shape(self) -> Shape:
        """Of a garment's vectors."""
        return self.parts, self.dimension

    def partition_of(self, item: str) -> int:
        """The partition that an item belongs to, whatever else the manifest holds."""
        return item_number(item) % self.partitions

    def to_json(self) -> str:
        """The text of plan.json."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Raises BadOption when the text is not a plan's."""
        try:
            raw = json.loads(text)
            dimension = int(raw["dimension"])
            parts = int(raw.get("parts", len(unnamed_parts(dimension))))
            return cls(int(raw["partitions"]), str(raw["fingerprint"]), parts, dimension)
        except (KeyError, TypeError, ValueError):
            raise BadOption("plan.json in OUT was not written by this job; name another folder") from None

    def check(self, fingerprint: str, partitions: int | None) -> None:
        """Raise FingerprintMismatch or BadOption when a run with these values cannot go on with the folder."""
        if fingerprint != self.fingerprint:
            raise FingerprintMismatch(
                f"OUT holds vectors of the weights {self.fingerprint} and the server runs {fingerprint}; "
                "name another folder"
            )
        if partitions not in (None, self.partitions):
            raise BadOption(
                f"OUT was begun with {self.partitions} partitions; leave --partitions out, or name another folder"
            )
