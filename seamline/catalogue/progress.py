"""Where an indexing run stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from seamline.catalogue.items import Failure

LISTED = 100
"""Failures that are kept for the summary; the file of failures has all."""


@dataclass
class Progress:
    """Counts are of photos, one per item and photo, unless they say otherwise.

    `total`: as far as it is known, an estimate where rows name several photos. `done`: all that need no more work,
    failures included. `skipped`: stored already. `repeated`: named again by the source, and left out.
    `metadata_updated`: stored already, under metadata that has changed since. `replaced`: stored before with
    another content. `garments`: found in this run. `failed`: photos and rows that could not be indexed; `failures`:
    the first of them. `bad_rows`: failures of the source itself. `removed`: garments that the source no longer has.
    `not_removed`: why none were. `waiting_for`: what the run waits for just now.
    """

    total: int | None = None
    done: int = 0
    skipped: int = 0
    repeated: int = 0
    metadata_updated: int = 0
    replaced: int = 0
    garments: int = 0
    without_garment: int = 0
    failed: int = 0
    bad_rows: int = 0
    removed: int = 0
    not_removed: str = ""
    waiting_for: str = ""
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def indexed(self) -> int:
        """Photos that were embedded, or in a dry run would be."""
        return self.done - self.skipped - self.repeated - self.metadata_updated - self.failed

    def fail(self, failure: Failure) -> None:
        """Count a failure."""
        self.done += 1
        self.failed += 1
        self.bad_rows += failure.item is None
        if len(self.failures) < LISTED:
            self.failures.append(failure)
