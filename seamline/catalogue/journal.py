"""What earlier runs have finished, in one SQLite file per collection.

The journal saves time and decides nothing alone: Milvus is always asked which rows a photo has. What the journal adds
is what Milvus does not know: a file's size and time of change, so that it need not be read, how many garments its
photo has shown, none included, and which metadata its rows carry. A photo is entered only after its rows are flushed.

Beside it, in temporary tables, stands which photos this run has seen.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from seamline.catalogue.photos import FileStat
from seamline.catalogue.records import JournalEntry
from seamline.core.errors import BadOption, Unavailable

_APPLICATION = 0x5EA31173
_KEYS_PER_QUERY = 500
_LOCK_SECONDS = 60.0
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS photo (
    key BLOB PRIMARY KEY, content TEXT NOT NULL, size INTEGER NOT NULL, changed INTEGER NOT NULL,
    garments INTEGER NOT NULL, metadata BLOB NOT NULL
) WITHOUT ROWID;
"""
_TEMPORARY = """
CREATE TEMP TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE refused (key BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE deletion (pk TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Journal:
    """The journal of one physical collection. May be shared between threads; a context manager."""

    def __init__(self, path: Path | None, collection: str, *, read_only: bool = False) -> None:
        """`path`: the file, made when it is missing; None keeps the journal in memory.

        What the file says of another collection is forgotten. With `read_only` the file stays as it is. Raises
        BadOption when it is not a journal or cannot be opened.
        """
        self.path = path
        self._lock = threading.Lock()
        missing = path is None or (read_only and not path.exists())
        try:
            self._database = _connect(None if missing else path, read_only=read_only and not missing)
            self._prepare(collection, read_only=read_only and not missing)
        except sqlite3.Error as error:
            raise BadOption(f"{path} cannot be used as a journal: {error}; name another file with --journal") from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _prepare(self, collection: str, *, read_only: bool) -> None:
        database = self._database
        application = database.execute("PRAGMA application_id").fetchone()[0]
        tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != _APPLICATION and tables:
            raise BadOption(f"{self.path} is a database of something else; name another file with --journal")
        database.executescript(_TEMPORARY)
        self._is_foreign = False
        if read_only:
            self._is_foreign = not tables or self._owner() != collection
            return
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.executescript(_TABLES)
        self._reset_unless_of(collection)

    def _reset_unless_of(self, collection: str) -> None:
        if self._owner() == collection:
            return
        with self._database as database:
            database.execute("DELETE FROM photo")
            database.execute("INSERT OR REPLACE INTO about VALUES ('collection', ?)", (collection,))

    def _owner(self) -> str | None:
        row = self._database.execute("SELECT value FROM about WHERE name = 'collection'").fetchone()
        return None if row is None else str(row[0])

    def entries(self, keys: Sequence[bytes]) -> dict[bytes, JournalEntry]:
        """The entries of these photos, each of item and photo; one that has none is left out."""
        if self._is_foreign:
            return {}
        columns = "key, content, size, changed, garments, metadata"
        rows = self._select(f"SELECT {columns} FROM photo WHERE key IN", keys)
        return {row[0]: JournalEntry(row[1], FileStat(row[2], row[3]), row[4], row[5]) for row in rows}

    def add_seen(self, keys: Sequence[bytes]) -> set[bytes]:
        """Note that this run has seen these photos; returns those that it saw for the first time."""
        seen = {row[0] for row in self._select("SELECT key FROM temp.seen WHERE key IN", keys)}
        fresh = set(keys) - seen
        self._write("INSERT INTO temp.seen VALUES (?)", ((key,) for key in fresh))
        return fresh

    def add_refused(self, keys: Iterable[bytes]) -> None:
        """Note photos that the source names and that this run cannot store; they do not count as seen."""
        self._write("INSERT OR IGNORE INTO temp.refused VALUES (?)", ((key,) for key in keys))

    def unlisted(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the photos that this run has neither seen nor refused."""
        queries = (f"SELECT key FROM temp.{table} WHERE key IN" for table in ("seen", "refused"))
        return set(keys) - {row[0] for query in queries for row in self._select(query, keys)}

    def record(self, entries: Iterable[tuple[bytes, JournalEntry]]) -> None:
        """Note photos whose rows have been flushed, each by the key of item and photo."""
        rows = ((key, e.content, e.stat.size, e.stat.mtime_ns, e.garments, e.metadata) for key, e in entries)
        self._write("INSERT OR REPLACE INTO photo VALUES (?, ?, ?, ?, ?, ?)", rows)

    def forget(self, keys: Iterable[bytes]) -> None:
        """Remove the entries of photos."""
        self._write("DELETE FROM photo WHERE key = ?", ((key,) for key in keys))

    def schedule_deletion(self, rows: Iterable[str]) -> None:
        """Remember keys of rows that are to be deleted."""
        self._write("INSERT OR IGNORE INTO temp.deletion VALUES (?)", ((key,) for key in rows))

    def scheduled_deletions(self) -> Iterator[str]:
        """The keys of rows that are to be deleted."""
        last = ""
        while page := self._page(last):
            yield from page
            last = page[-1]

    def _page(self, after: str) -> list[str]:
        with self._guarded() as database:
            query = "SELECT pk FROM temp.deletion WHERE pk > ? ORDER BY pk LIMIT 1000"
            return [row[0] for row in database.execute(query, (after,))]

    def _select(self, query: str, keys: Sequence[bytes]) -> list[tuple[bytes, str, int, int, int, bytes]]:
        found = []
        with self._guarded() as database:
            for chunk in _chunks(keys):
                found += database.execute(f"{query} ({','.join('?' * len(chunk))})", chunk).fetchall()
        return found

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._guarded() as database, database:
            database.executemany(statement, rows)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                yield self._database
        except sqlite3.Error as error:
            raise Unavailable(f"the journal {self.path} cannot be used: {error}") from error


def _connect(path: Path | None, *, read_only: bool) -> sqlite3.Connection:
    if path is not None and not read_only:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadOption(f"{path} cannot be used as a journal: {error.strerror}") from error
        if path.exists() and not path.is_file():
            raise BadOption(f"{path} cannot be used as a journal: it is not a regular file")
    place = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    return sqlite3.connect(place, timeout=_LOCK_SECONDS, check_same_thread=False, uri=path is not None)


def _chunks(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (keys[start : start + _KEYS_PER_QUERY] for start in range(0, len(keys), _KEYS_PER_QUERY))
