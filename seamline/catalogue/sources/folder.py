"""A folder: every photo below it is an item of its own, whose id is its path below the folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from seamline.catalogue.items import Entry, Failure, Item
from seamline.catalogue.sources.passed_over import LINK, kind_of, kind_of_special
from seamline.core.photo_names import is_photo_name


class Folder:
    """The photos below a folder, sorted by path.

    Links to folders are not followed; they could lead in circles. Hidden files and folders, and those that systems and
    network storage make for themselves, are passed over. Of the names only those of one folder, and of the folders
    above it, are in memory at a time.
    """

    left_out: Mapping[str, int]
    """Files and folders that the last walk that came to its end passed over, by kind."""

    def __init__(self, folder: Path) -> None:
        self._root = os.path.realpath(folder)
        self.left_out = {}

    def __iter__(self) -> Iterator[Entry]:
        left_out: Counter[str] = Counter()
        waiting = [("", True)]
        while waiting:
            name, is_folder = waiting.pop()
            path = os.path.join(self._root, name) if name else self._root
            if not is_folder:
                yield Item(name, path)
                continue
            try:
                found = sorted(_names(path, left_out), reverse=True)
            except OSError as error:
                yield Failure(f"the folder cannot be read: {error.strerror}", place=path)
                continue
            waiting += [(os.path.join(name, inside), is_folder) for inside, is_folder in found]
        self.left_out = left_out

    def count(self) -> int:
        """Photos below the folder; takes one pass over the names."""
        return sum(1 for entry in self if isinstance(entry, Item))


def photos_below(folder: Path) -> Iterator[Path]:
    """The photos below a folder, sorted by path."""
    return (Path(entry.photo) for entry in Folder(folder) if isinstance(entry, Item))


def _names(folder: str, left_out: Counter[str]) -> Iterator[tuple[str, bool]]:
    """Names of the photos and folders in a folder, with whether each is a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            special = kind_of_special(entry.name)
            if special is not None:
                left_out[special] += 1
            elif entry.is_dir(follow_symlinks=False):
                yield entry.name, True
            elif _leads_to_folder(entry):
                left_out[LINK] += 1
            elif is_photo_name(entry.name):
                yield entry.name, False
            else:
                left_out[kind_of(entry.name)] += 1


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Not for a link in a circle, which then fails as the photo that it is named as."""
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:
        return False
