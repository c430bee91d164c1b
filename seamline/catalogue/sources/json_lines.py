"""A JSON Lines manifest: one object per line, UTF-8."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.sources.columns import items_of
from seamline.catalogue.sources.text import check_utf8, chunks, readable


class JsonLines:
    """The objects of a JSON Lines file; the key photo holds one text or a list of texts."""

    def __init__(self, path: Path) -> None:
        """Raises BadOption unless the file is UTF-8."""
        check_utf8(path)
        self._path, self._root = path, os.path.realpath(path.parent)

    def __iter__(self) -> Iterator[Entry]:
        with readable(self._path), self._path.open(newline="\n", encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield from self._items(line, f"{self._path.name}, line {number}")

    def count(self) -> int:
        """Lines of the file."""
        return sum(chunk.count(b"\n") for chunk in chunks(self._path))

    def _items(self, line: str, place: str) -> Iterator[Entry]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Failure(f"the line is not JSON: {error}", place=place)
            return
        if not isinstance(row, dict):
            yield Failure("the line is not a JSON object", place=place)
        elif None in (row.get("item"), row.get("photo")):
            missing = "item" if row.get("item") is None else "photo"
            yield Failure(f"{missing} is missing", place=place)
        else:
            yield from items_of(row, self._root, place)
