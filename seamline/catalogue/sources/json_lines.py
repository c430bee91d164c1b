"""A JSON Lines manifest: one object per line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.sources.columns import ITEM, PHOTO, canonical, items_of
from seamline.catalogue.sources.text import LENIENT, UTF_8, check_encoding, encoding_of, readable, text_chunks
from seamline.core.errors import BadOption

_LINE = 1 << 16


class JsonLines:
    """The objects of a JSON Lines file; the key photo holds one text or a list of texts."""

    def __init__(self, path: Path) -> None:
        """Raises BadOption for a file that is one JSON document, and for one that is UTF-16 only in part."""
        self._path, self._root = path, os.path.realpath(path.parent)
        self._encoding = encoding_of(path)
        if self._encoding != UTF_8:
            check_encoding(path, self._encoding)
        self._check_first_line()

    def __iter__(self) -> Iterator[Entry]:
        with (
            readable(self._path),
            self._path.open(newline="\n", encoding=self._encoding, errors=LENIENT) as file,
        ):
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield from self._items(line, f"{self._path.name}, line {number}")

    def count(self) -> int:
        """Lines of the file."""
        return sum(chunk.count("\n") for chunk in text_chunks(self._path, self._encoding))

    def _check_first_line(self) -> None:
        first = ""
        with readable(self._path), self._path.open(encoding=self._encoding, errors=LENIENT) as file:
            while not first and (line := file.readline(_LINE)):
                first = line.strip()
        if first == "{" or first.startswith("["):
            raise BadOption(
                f"{self._path} is one JSON document, and a manifest has an object a line: "
                f"`jq -c '.[]' {self._path.name} > items.jsonl` makes one of a list"
            )

    def _items(self, line: str, place: str) -> Iterator[Entry]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Failure(f"the line is not JSON: {error}", place=place)
            return
        if not isinstance(row, dict):
            yield Failure("the line is not a JSON object", place=place)
            return
        row = _canonical(row)
        if None in (row.get(ITEM), row.get(PHOTO)):
            missing = ITEM if row.get(ITEM) is None else PHOTO
            yield Failure(f"{missing} is missing", place=place)
        else:
            yield from items_of(row, self._root, place)


def _canonical(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the keys of a manifest; where one is there in two spellings, the exact one holds."""
    if ITEM in row and PHOTO in row:
        return row
    return dict(zip(canonical(row), row.values(), strict=True)) | row
