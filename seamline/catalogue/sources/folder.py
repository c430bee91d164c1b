"""A folder: every photo below it is an item of its own, whose id is its path below the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from seamline.catalogue.items import Entry, Failure, Item

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


class Folder:
    """The photos below a folder, sorted by path. Links to folders are not followed; they could lead in circles.

    Of the names only those of one folder, and of the folders above it, are in memory at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._root = os.path.realpath(folder)

    def __iter__(self) -> Iterator[Entry]:
        return self._below(self._root, "")

    def count(self) -> int:
        """Photos below the folder; takes one pass over the names."""
        return sum(1 for entry in self if isinstance(entry, Item))

    def _below(self, folder: str, prefix: str) -> Iterator[Entry]:
        try:
            names = sorted(_names(folder))
        except OSError as error:
            yield Failure(f"the folder cannot be read: {error.strerror}", place=folder)
            return
        for name, is_folder in names:
            path = f"{folder}/{name}"
            if is_folder:
                yield from self._below(path, f"{prefix}{name}/")
            else:
                yield Item(prefix + name, path)


def photos_below(folder: Path) -> Iterator[Path]:
    """The photos below a folder, sorted by path."""
    return (Path(entry.photo) for entry in Folder(folder) if isinstance(entry, Item))


def _names(folder: str) -> Iterator[tuple[str, bool]]:
    """Names of the photos and folders in a folder, with whether each is a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield entry.name, True
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and not _leads_to_folder(entry):
                yield entry.name, False


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Not for a link in a circle, which then fails as the photo that it is named as."""
    try:
        return entry.is_dir()
    except OSError:
        return False
