"""What a run did and what the folder holds now."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from seamline.spark.finalize import PartitionCounts
from seamline.spark.plan import Plan
from seamline.spark.task import PartitionResult


@dataclasses.dataclass(frozen=True)
class Summary:
    """Counts of photos, each once per item, and of garments.

    `rows`: of the manifest. `embedded`, `kept`: by this run, and from earlier ones. `repeated`: named again by the
    manifest, and left out. `failed`: photos and rows that could not be used now; `garments` includes what
    earlier runs have embedded of them.
    """

    fingerprint: str
    parts: int
    dimension: int
    partitions: int
    rows: int
    photos: int
    embedded: int
    kept: int
    repeated: int
    failed: int
    without_garment: int
    garments: int
    seconds: float

    @classmethod
    def of(
        cls, plan: Plan, rows: int, done: Sequence[PartitionResult], counts: Sequence[PartitionCounts], seconds: float
    ) -> Summary:
        """From what the tasks did and what is committed."""
        return cls(
            **dataclasses.asdict(plan),
            rows=rows,
            photos=_sum(counts, "photos"),
            embedded=_sum(done, "embedded"),
            kept=_sum(done, "kept"),
            repeated=_sum(done, "repeated"),
            failed=_sum(counts, "failed"),
            without_garment=_sum(counts, "without_garment"),
            garments=_sum(counts, "garments"),
            seconds=round(seconds, 3),
        )

    def to_json(self) -> str:
        """For programs, and for summary.json."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    def to_text(self) -> str:
        """For people."""
        lines = [
            f"{self.photos:,} photos with {self.garments:,} garments in {self.partitions:,} partitions: "
            f"{self.embedded:,} embedded in {self.seconds:.1f} s, {self.kept:,} were there already"
        ]
        for count, what in (
            (self.repeated, "named more than once count once"),
            (self.without_garment, "show no garment"),
            (self.failed, "failed; OUT/failures says why"),
        ):
            if count:
                lines.append(f"{count:,} {what}")
        return "\n".join(lines) + "\n"


def _sum(things: Sequence[Any], name: str) -> int:
    return sum(getattr(thing, name) for thing in things)
