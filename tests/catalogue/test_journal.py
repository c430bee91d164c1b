"""The journal's file, in the form that machines elsewhere have."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from seamline.catalogue import Journal, JournalEntry
from seamline.catalogue.photos import FileStat

KEY = bytes.fromhex("00112233445566778899aabbccdd")
ENTRY = JournalEntry("ab12cd34ef567890", FileStat(631, 10**18), 2, b"\x5f\x00\xaa")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal as an earlier run has left it."""
    path = tmp_path / "journal.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(f"PRAGMA application_id = {0x5EA31173}")
        database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        database.execute("""CREATE TABLE photo (
            key BLOB PRIMARY KEY, content TEXT NOT NULL, size INTEGER NOT NULL, changed INTEGER NOT NULL,
            garments INTEGER NOT NULL, metadata BLOB NOT NULL) WITHOUT ROWID""")
        database.execute("INSERT INTO about VALUES ('collection', 'catalogue_1')")
        database.execute(
            "INSERT INTO photo VALUES (?, ?, ?, ?, ?, ?)", (KEY, "ab12cd34ef567890", 631, 10**18, 2, b"\x5f\x00\xaa")
        )
    return path


@pytest.mark.parametrize("read_only", [True, False])
def test_the_journal_of_an_earlier_run_is_read_on(path: Path, read_only: bool) -> None:
    with Journal(path, "catalogue_1", read_only=read_only) as journal:
        assert journal.entries([KEY, b"other"]) == {KEY: ENTRY}


def test_entries_are_written_as_earlier_runs_read_them(path: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "new.sqlite", "catalogue_1") as journal:
        journal.record([(KEY, ENTRY)])
    rows = []
    for file in (path, tmp_path / "new.sqlite"):
        with contextlib.closing(sqlite3.connect(file)) as database:
            rows.append(database.execute("SELECT * FROM photo").fetchall())
    assert rows[0] == rows[1]


def test_what_the_journal_says_of_another_collection_is_forgotten(path: Path) -> None:
    with Journal(path, "another", read_only=True) as journal:
        assert journal.entries([KEY]) == {}
    with Journal(path, "another"):
        pass
    with Journal(path, "catalogue_1") as journal:
        assert journal.entries([KEY]) == {}
