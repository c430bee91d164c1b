"""The file of failures: JSON Lines that are a source again, so that what failed can be tried once more."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from seamline.catalogue.items import Failure
from seamline.catalogue.sources.columns import FAILURE, ITEM, PHOTO
from seamline.core.errors import BadOption, Unavailable
from seamline.core.output_files import check_output, open_through


class FailureFile:
    """Writes a line per failure as it happens."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def add(self, failure: Failure) -> None:
        """Write a failure down. Raises Unavailable when the disk is full."""
        if self._file is not None:
            with _writing(self._file):
                self._file.write(json.dumps(_to_jsonable(failure)) + "\n")

    def close(self) -> None:
        """Close the file. Raises Unavailable when its end cannot be written."""
        if self._file is not None:
            with _writing(self._file):
                self._file.close()


@contextmanager
def _writing(file: TextIO) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the failures cannot be written to {file.name}: {error.strerror or error}") from error


@contextmanager
def failure_file(path: Path | None, source: Path) -> Iterator[FailureFile]:
    """The file at `path`, emptied first; without a path nothing is written.

    Raises BadOption when it cannot be written or is the source itself.
    """
    if path is None:
        yield FailureFile(None)
        return
    if path.exists() and source.exists() and path.samefile(source):
        raise BadOption(f"{path} is the source; name another file for the failures")
    check_output(path)
    file = io.TextIOWrapper(open_through(path), "utf-8", line_buffering=True)
    with closing(FailureFile(file)) as failures:
        yield failures


def _to_jsonable(failure: Failure) -> dict[str, object]:
    about = {"reason": failure.reason, "place": failure.place}
    if failure.item is None:
        return {FAILURE: about}
    item = failure.item
    return {ITEM: item.item, PHOTO: item.photo, **item.metadata, FAILURE: about | {"place": item.place}}
