"""A set of keys on disk, for more of them than memory should hold."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType


class KeySet:
    """Hexadecimal keys that were met. Lives in a temporary folder and vanishes with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="seamline-keys-")
        self._database = sqlite3.connect(Path(self._folder.name) / "keys.sqlite", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE keys (key BLOB PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> KeySet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._folder.cleanup()

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM keys").fetchone()[0])

    def add(self, keys: Sequence[str]) -> str | None:
        """Note keys. Returns the first that was met before, or None; then nothing more of them is noted."""
        self._database.execute("BEGIN")
        try:
            for key in keys:
                try:
                    self._database.execute("INSERT INTO keys VALUES (?)", (bytes.fromhex(key),))
                except sqlite3.IntegrityError:
                    return key
        finally:
            self._database.execute("COMMIT")
        return None

    def unknown(self, keys: Sequence[str]) -> list[str]:
        """Those of `keys` that were never met."""
        query = "SELECT 1 FROM keys WHERE key = ?"
        return [key for key in keys if not self._database.execute(query, (bytes.fromhex(key),)).fetchone()]
