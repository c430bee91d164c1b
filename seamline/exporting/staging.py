"""A folder that gets all of its new files or none."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from seamline.exporting.errors import ExportRefused

_PREFIX = ".export-"


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder inside `out` to write into, gone afterwards; `out` too, where it was made for nothing.

    Raises ExportRefused where the disk does not take what is written.
    """
    new = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=out))
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise ExportRefused(f"{_place(error, out)} cannot be written ({_reason(error)})") from error
    finally:
        _remove_empty(new)


def publish(stage: Path, out: Path) -> None:
    """Move the stage's files to `out`, each by one rename, save those whose names begin with a dot."""
    names = [file.name for file in stage.iterdir() if not file.name.startswith(".")]
    for name in names:
        if (out / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder is in the place of a file", str(out / name))
    for name in names:
        os.replace(stage / name, out / name)


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _place(error: OSError, out: Path) -> Path:
    """The file that was not taken, by `out` where it lay in the stage."""
    place = Path(error.filename) if isinstance(error.filename, str) else out
    return out if any(part.startswith(_PREFIX) for part in place.parts) else place


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
