"""Milvus away at the start, in the middle and at the end, and its disk full: no garment lost, no false mark."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seamline.catalogue import Batching, Item, Options, Progress, RunContext, index_items
from seamline.core.errors import SeamlineError, Unavailable
from seamline.index import Collection, Index
from tests.catalogue.conftest import write
from tests.support.bytes_embedder import BytesEmbedder
from tests.support.milvus_lite import free_port

EAGER = Batching(rows=4, flush=4, seconds=0.5)


class Milvus:
    """A Milvus Lite that a test may kill and start again on the same port."""

    def __init__(self, folder: Path, most_bytes: int | None = None) -> None:
        self._folder, self._port, self._most_bytes = folder, free_port(), most_bytes
        self.uri = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = str(Path(sys.executable).with_name("milvus-lite"))
        options = ["--data-dir", str(self._folder / "data"), "--host", "127.0.0.1", "--port", str(self._port)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen([program, "server", *options], stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(SeamlineError):
                Index(self.uri, timeout=2.0).names()
                return
            time.sleep(0.1)
        pytest.fail("Milvus Lite did not start")

    def limit_files(self, most_bytes: int) -> None:
        """From now on no file may grow beyond this, as on a disk that is full; RLIM_INFINITY makes room again."""
        assert self._process is not None
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)


@pytest.fixture
def milvus(tmp_path: Path) -> Iterator[Milvus]:
    server = Milvus(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def items(tmp_path: Path) -> list[Item]:
    (tmp_path / "photos").mkdir()
    found = []
    for number in range(24):
        path = tmp_path / "photos" / f"{number:02}.jpg"
        write(path, f"{number} g".encode())
        found.append(Item(path.name, str(path)))
    return found


def marked(journal: Path) -> int:
    """Photos that the journal claims."""
    with contextlib.closing(sqlite3.connect(journal)) as database:
        return int(database.execute("SELECT count(*) FROM photo").fetchone()[0])


def run(
    items: list[Item],
    uri: str,
    journal: Path,
    retry_seconds: float,
    report: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    index = Index(uri, timeout=3.0)
    with contextlib.closing(index):
        options = Options(in_flight=2, retry_seconds=retry_seconds, batching=EAGER)
        context = RunContext(journal=journal, report=report)
        return index_items(items, BytesEmbedder(seconds=0.03), index, "catalogue", options, context)


def rows(uri: str) -> int:
    index = Index(uri)
    with contextlib.closing(index):
        return index.open("catalogue").rows()


def test_milvus_down_at_the_start_is_said_at_once(items: list[Item], tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="index does not answer"):
        run(items, "http://127.0.0.1:9", tmp_path / "journal.sqlite", retry_seconds=60)
    assert time.monotonic() - begun < 10


def test_milvus_that_comes_back_in_the_middle_costs_only_time(
    milvus: Milvus, items: list[Item], tmp_path: Path
) -> None:
    milvus.start()
    waited: list[str] = []
    outage = threading.Thread(target=lambda: (milvus.kill(), time.sleep(1.5), milvus.start()))

    def report(progress: Progress) -> None:
        if progress.done == 10 and not outage.ident:
            outage.start()
        if progress.waiting_for:
            waited.append(progress.waiting_for)

    progress = run(items, milvus.uri, tmp_path / "journal.sqlite", retry_seconds=60, report=report)
    outage.join()
    assert (progress.indexed, progress.failed) == (24, 0)
    assert rows(milvus.uri) == marked(tmp_path / "journal.sqlite") == 24


@pytest.mark.parametrize("photos", [6, 24])
def test_milvus_that_stays_away_stops_the_run_and_the_journal_stays_true(
    milvus: Milvus, items: list[Item], tmp_path: Path, photos: int
) -> None:
    """After 6 photos it dies in the middle of the run, after 24 between the last photo and the last flush."""
    milvus.start()
    journal = tmp_path / "journal.sqlite"

    def report(progress: Progress) -> None:
        if progress.done == photos:
            milvus.kill()

    with pytest.raises(Unavailable):
        run(items, milvus.uri, journal, retry_seconds=1.0, report=report)
    claimed = marked(journal)
    assert claimed < 24
    milvus.start()
    assert rows(milvus.uri) >= claimed
    assert run(items, milvus.uri, journal, retry_seconds=10).done == 24
    assert rows(milvus.uri) == marked(journal) == 24


def test_a_full_disk_stops_the_run_and_the_journal_stays_true(
    milvus: Milvus, items: list[Item], tmp_path: Path
) -> None:
    milvus.start()
    journal = tmp_path / "journal.sqlite"

    def report(progress: Progress) -> None:
        if progress.done == 10:
            milvus.limit_files(100)

    with pytest.raises(SeamlineError):
        run(items, milvus.uri, journal, retry_seconds=1.0, report=report)
    claimed = marked(journal)
    assert claimed < 24
    milvus.limit_files(resource.RLIM_INFINITY)
    assert rows(milvus.uri) >= claimed
    assert run(items, milvus.uri, journal, retry_seconds=10).done == 24
    assert rows(milvus.uri) == marked(journal) == 24


def test_rows_that_a_failed_flush_has_dropped_are_stored_again(
    milvus: Milvus, items: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Milvus Lite drops what it could not flush to a full disk, and calls the next flush a success."""
    milvus.start()
    real, failures = Collection.flush, iter([True, True])

    def flush(collection: Collection) -> None:
        if next(failures, False):
            collection.delete(list(collection.all_keys()))
            raise Unavailable("no space left")
        real(collection)

    monkeypatch.setattr(Collection, "flush", flush)
    journal = tmp_path / "journal.sqlite"
    assert run(items[:4], milvus.uri, journal, retry_seconds=30).indexed == 4
    assert rows(milvus.uri) == marked(journal) == 4


def test_an_interrupted_wait_for_milvus_ends_at_once(milvus: Milvus, items: list[Item], tmp_path: Path) -> None:
    milvus.start()

    def report(progress: Progress) -> None:
        if progress.done == 6:
            milvus.kill()
        if progress.waiting_for:
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(items, milvus.uri, tmp_path / "journal.sqlite", retry_seconds=300, report=report)
    assert time.monotonic() - begun < 30
