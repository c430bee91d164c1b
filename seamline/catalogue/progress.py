"""Where an indexing run stands: counted, and told of."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from seamline.catalogue.comparing import CheckedBatch
from seamline.catalogue.failures import FailureFile
from seamline.catalogue.items import Failure
from seamline.client.retrying import Retrier
from seamline.core.errors import SeamlineError
from seamline.core.photo_warnings import NO_GARMENT

LISTED = 100
"""Failures that are kept for the summary; the file of failures has all."""
MOST_PRUNED = 0.5
"""Share of a collection from which on removing what the source lacks looks like a mistake."""
EMPTY = "the source is empty"
"""Why nothing is removed when the source names nothing."""


@dataclass
class Progress:
    """Counts are of photos, one per item and photo, unless they say otherwise.

    `total`: as far as it is known, an estimate where rows name several photos. `done`: all that need no more work,
    failures included. `skipped`: stored already. `repeated`: named again by the source, and left out.
    `warned`: photos that were indexed with a warning, by its code. `metadata_updated`: stored already, under metadata
    that has changed since. `replaced`: stored before with
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
    warned: Counter[str] = field(default_factory=Counter)
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


class ProgressCounter:
    """Counts what one thread tells it of; the source's rows are counted beside it."""

    def __init__(
        self,
        report: Callable[[Progress], None],
        failures: FailureFile,
        count: Callable[[], int | None],
        retrier: Retrier,
    ) -> None:
        self.progress = Progress()
        self._report, self._failures, self._retrier = report, failures, retrier
        self._start = time.monotonic()
        self._extra_photos = 0
        self._rows: int | None = None
        threading.Thread(target=self._count, args=[count], name="seamline-count", daemon=True).start()

    def _count(self, count: Callable[[], int | None]) -> None:
        with suppress(SeamlineError):  # whoever reads the source meets it too, and says so
            self._rows = count()

    def add_batch(self, batch: CheckedBatch) -> None:
        """A batch has been compared with the collection."""
        progress = self.progress
        self._extra_photos += batch.extra_photos
        progress.skipped += batch.skipped
        progress.repeated += batch.repeated
        progress.metadata_updated += batch.metadata_updated
        progress.done += batch.skipped + batch.repeated + batch.metadata_updated
        self.add_failures(batch.failures)

    def add_photo(self, garments: int | None, warnings: Iterable[str] = (), *, replaced: bool) -> None:
        """An item's photo has been embedded; `garments` is None where that was left out. `warnings`: their codes."""
        self.progress.done += 1
        self.progress.garments += garments or 0
        self.progress.without_garment += garments == 0
        self.progress.warned.update(code for code in warnings if code != NO_GARMENT.code)
        self.progress.replaced += replaced
        self.report()

    def add_failures(self, failures: Sequence[Failure]) -> None:
        """These could not be indexed."""
        for failure in failures:
            self._failures.add(failure)
            self.progress.fail(failure)
        self.report()

    def prune(self, unlisted: int, rows: int, *, even_most: bool) -> None:
        """Decide whether `unlisted` of `rows` garments, which the source lacks, are to be removed."""
        progress = self.progress
        if not unlisted:
            return
        if progress.bad_rows:
            progress.not_removed = f"{progress.bad_rows:,} rows or folders of the source could not be read"
        elif progress.done == 0:
            progress.not_removed = EMPTY
        elif unlisted > MOST_PRUNED * rows and not even_most:
            progress.not_removed = (
                f"the source lacks {unlisted:,} of the collection's {rows:,} garments; with --yes they are removed"
            )
        else:
            progress.removed = unlisted

    def report(self) -> None:
        """Report where the run stands."""
        progress = self.progress
        progress.seconds = time.monotonic() - self._start
        progress.waiting_for = self._retrier.waiting_for
        if self._rows is not None:
            progress.total = max(self._rows + self._extra_photos, progress.done)
        self._report(progress)

    def finish(self) -> Progress:
        """The last word."""
        self._rows = None
        self.progress.total = self.progress.done
        self.report()
        return self.progress
