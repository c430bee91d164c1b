"""Folders of the server's machine that may be indexed from the browser: only below those that its operator named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from seamline.catalogue import Entry, Failure, Item, Source
from seamline.catalogue.items import is_url
from seamline.core.errors import BadOption
from seamline.desk.errors import NotAllowed


def allowed_source(folders: Sequence[Path], named: str) -> Path:
    """The folder or manifest that a person named, with all links resolved.

    Raises NotAllowed where it is not below one of `folders`, which also holds for what a link leads to.
    """
    if not folders:
        raise NotAllowed(
            "folders of the server are not indexed from the browser; whoever runs the desk allows it with --index-below"
        )
    try:
        path = Path(named).resolve() if Path(named).is_absolute() else (folders[0] / named).resolve()
    except (OSError, ValueError, RuntimeError):
        raise BadOption("that is not the name of a folder") from None
    if not _is_below(path, folders):
        raise NotAllowed("this folder is not below one that whoever runs the desk named with --index-below")
    if not path.exists():
        raise BadOption("there is no such folder or manifest on the server")
    return path


class BoundedSource:
    """A source without the photos that lie outside of `folders`, whatever a manifest or a link says."""

    def __init__(self, source: Source, folders: Sequence[Path]) -> None:
        self._source, self._folders = source, tuple(folder.resolve() for folder in folders)

    def __iter__(self) -> Iterator[Entry]:
        return map(self._bounded, self._source)

    def count(self) -> int | None:
        """As of the source."""
        return self._source.count()

    def _bounded(self, entry: Entry) -> Entry:
        if not isinstance(entry, Item) or is_url(entry.photo) or self._holds(entry.photo):
            return entry
        return Failure("the photo lies outside of the folders that whoever runs the desk named", entry)

    def _holds(self, photo: str) -> bool:
        try:
            return _is_below(Path(photo).resolve(), self._folders)
        except (OSError, ValueError, RuntimeError):  # of these the run says itself why they cannot be read
            return True


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder.resolve()) for folder in folders)
