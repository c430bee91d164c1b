"""Every process killed while photos are searched for and indexed: nothing that was acknowledged may be lost."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import COLLECTION, ROWS, Target, photo_request, told
from seamline.catalogue import Item, Options, RunContext, index_items
from seamline.core.errors import SeamlineError
from seamline.index import Index

_KILLED = (
    "decode",
    "detector",
    "crop",
    "encoder",
    "region_pool",
    "region_head",
    "trim",
    "retrieve",
    "gateway",
    "triton",
    "milvus",
)
_INDEXED = "attacked"
_LONGEST = 45.0


def attack(target: Target, photos: list[Path]) -> Outcome:
    """Kill one process after another; each must be back, and at the end every photo must be indexed once."""
    outcome = Outcome("kill -9 under load")
    with tempfile.TemporaryDirectory() as folder, _searching(target, outcome):
        journal = Path(folder) / "journal.sqlite"
        for name in _KILLED:
            with _indexing(target, photos, journal, outcome):
                time.sleep(1.0)
                outcome.require(f"seconds until {name} is back", _killed(target, name), _LONGEST)
        _index(target, photos, journal)
        _compare(target, photos, Path(folder), outcome)
    return outcome


def _killed(target: Target, name: str) -> float:
    victim = next((process for process in target.processes() if process.name == name), None)
    if victim is None:
        return float("inf")
    before = target.restarts()
    os.kill(victim.pid, signal.SIGKILL)
    start = time.monotonic()
    while target.restarts() == before:
        if time.monotonic() - start > _LONGEST:
            return float("inf")
        time.sleep(0.1)
    with contextlib.suppress(TimeoutError):
        target.wait_until_well(_LONGEST)
        return time.monotonic() - start
    return float("inf")


@contextlib.contextmanager
def _searching(target: Target, outcome: Outcome) -> Iterator[None]:
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            with contextlib.suppress(Exception), target.stub() as stub:
                outcome.count(*told(stub.ModelInfer, photo_request(target.photo), 10.0))
                time.sleep(0.2)

    thread = threading.Thread(target=search)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextlib.contextmanager
def _indexing(target: Target, photos: list[Path], journal: Path, outcome: Outcome) -> Iterator[None]:
    """A job in the background, which goes on where it was stopped."""

    def run() -> None:
        with contextlib.suppress(SeamlineError):
            _index(target, photos, journal)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(120)
    if thread.is_alive():
        outcome.fail("the indexing job hangs")


def _index(target: Target, photos: list[Path], journal: Path, name: str = _INDEXED) -> None:
    index = Index(target.server.endpoints.milvus, timeout=30)
    with target.client(timeout=60, retries=20, bulk=True) as client, contextlib.closing(index):
        items = [Item(photo.name, str(photo)) for photo in photos]
        index_items(items, client, index, name, Options(in_flight=2), RunContext(journal=journal))


def _compare(target: Target, photos: list[Path], folder: Path, outcome: Outcome) -> None:
    """What lies in the collection against that of a job which nobody disturbed, and the catalogue against itself."""
    _index(target, photos, folder / "undisturbed.sqlite", "undisturbed")
    index = Index(target.server.endpoints.milvus, timeout=60)
    with contextlib.closing(index):
        stored, expected = (list(index.open(name).all_keys()) for name in (_INDEXED, "undisturbed"))
        outcome.figures["garments indexed"] = len(stored)
        outcome.require("garments stored twice", len(stored) - len(set(stored)), 0)
        outcome.require("garments lost", len(set(expected) - set(stored)), 0)
        outcome.require("garments too many", len(set(stored) - set(expected)), 0)
        outcome.require("garments lost of the catalogue", ROWS - index.open(COLLECTION).rows(), 0)
