"""Keeps a run's progress and tells of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from seamline.catalogue.checking import CheckedBatch
from seamline.catalogue.failures import FailureFile
from seamline.catalogue.items import Failure
from seamline.catalogue.progress import Progress
from seamline.client.retrying import Retrier
from seamline.core.errors import SeamlineError

MOST_PRUNED = 0.5
"""Share of a collection from which on removing what the source lacks looks like a mistake."""
EMPTY = "the source is empty"
"""Why nothing is removed when the source names nothing."""


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
        self._beyond_rows = 0
        self._rows: int | None = None
        threading.Thread(target=self._count, args=[count], name="seamline-count", daemon=True).start()

    def _count(self, count: Callable[[], int | None]) -> None:
        with suppress(SeamlineError):  # whoever reads the source meets it too, and says so
            self._rows = count()

    def add_batch(self, batch: CheckedBatch) -> None:
        """A batch has been compared with the collection."""
        progress = self.progress
        self._beyond_rows += batch.beyond_rows
        progress.skipped += batch.skipped
        progress.repeated += batch.repeated
        progress.metadata_updated += batch.metadata_updated
        progress.done += batch.skipped + batch.repeated + batch.metadata_updated
        self.add_failures(batch.failures)

    def add_photo(self, garments: int | None, *, replaced: bool) -> None:
        """An item's photo has been embedded; `garments` is None where that was left out."""
        self.progress.done += 1
        self.progress.garments += garments or 0
        self.progress.without_garment += garments == 0
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
            progress.total = max(self._rows + self._beyond_rows, progress.done)
        self._report(progress)

    def finish(self) -> Progress:
        """The last word."""
        self._rows = None
        self.progress.total = self.progress.done
        self.report()
        return self.progress
