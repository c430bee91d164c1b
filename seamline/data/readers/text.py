"""Text files of a dataset, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from seamline.data.readers.bad_dataset import BadDataset


def find(folder: Path, name: str, places: Sequence[str]) -> Path:
    """The file of this name in one of the places below `folder`. Raises BadDataset where it is in none."""
    found = find_optional(folder, name, places)
    if found is None:
        raise BadDataset(folder / places[0] / name, None, "the file is missing")
    return found


def find_optional(folder: Path, name: str, places: Sequence[str]) -> Path | None:
    """The same for a file that may be missing."""
    return next((folder / place / name for place in places if (folder / place / name).is_file()), None)


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbers (from 1) and texts of a file's lines. Raises BadDataset where it is missing, empty or not UTF-8."""
    try:
        file = path.open("rb")
    except OSError:
        raise BadDataset(path, None, "the file is missing or cannot be read") from None
    number = 0
    with file:
        for number, line in enumerate(file, start=1):
            yield number, _decoded(path, number, line)
    if number == 0:
        raise BadDataset(path, None, "the file is empty")


def read_json(path: Path) -> object:
    """A JSON file's value. Raises BadDataset where it is missing, empty, not UTF-8 or not JSON."""
    text = "".join(line for _, line in lines(path))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadDataset(path, error.lineno, f"not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise BadDataset(path, None, "not JSON: a number is too long, or it is nested too deeply") from None


def _decoded(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise BadDataset(path, number, "the line is not UTF-8") from None
