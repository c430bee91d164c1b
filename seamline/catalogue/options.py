"""How an indexing run goes about it, and what it works with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from seamline.catalogue.failures import FailureFile
from seamline.catalogue.photos import PhotoReader
from seamline.catalogue.progress import Progress
from seamline.catalogue.writer import Batching


@dataclasses.dataclass(frozen=True)
class Options:
    """How a run goes about it.

    `in_flight`: requests to `embed` at a time. `verify`: compare every photo's content and its rows' metadata, whatever
    the journal says. `prune`: at the end remove garments that the source no longer has; `prune_most`: also when that
    is more than half of them. `retry_seconds`: for which a Milvus that does not answer is asked again. `batching`:
    of the writes.
    """

    in_flight: int = 4
    verify: bool = False
    prune: bool = False
    prune_most: bool = False
    retry_seconds: float = 120.0
    batching: Batching = dataclasses.field(default_factory=Batching)


@dataclasses.dataclass(frozen=True)
class RunContext:
    """What a run works with, and whom it tells.

    `journal`: the file, by default one in the state folder. `photos`: reads them; the default refuses URLs.
    `failures`: hears of every failure. `report` is called after every photo and every batch. `count`: the number of
    rows that the source has, or None; it may take a while.
    """

    journal: Path | None = None
    photos: PhotoReader = dataclasses.field(default_factory=PhotoReader)
    failures: FailureFile = dataclasses.field(default_factory=lambda: FailureFile(None))
    report: Callable[[Progress], None] = lambda progress: None
    count: Callable[[], int | None] = lambda: None


DEFAULT_OPTIONS = Options()
DEFAULT_CONTEXT = RunContext()
