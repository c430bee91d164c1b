"""A folder of Parquet parts, as Spark, Dask and DuckDB write them; needs no pyarrow."""

from __future__ import annotations

import os
from pathlib import Path

from seamline.core.errors import BadOption

SUFFIX = ".parquet"


def parquet_parts(folder: Path) -> list[Path]:
    """The Parquet files in a folder and below it, sorted by path.

    What begins with `_` or `.` is none, nor is anything below it: marks such as _SUCCESS, checksums, what a job that
    was stopped left in _temporary. Links to folders are not followed. Raises BadOption for a folder without any, and
    for one that cannot be read.
    """
    found: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if _counts(name)]
        found += [Path(parent, name) for name in files if _counts(name) and name.lower().endswith(SUFFIX)]
    if not found:
        raise BadOption(f"the folder {folder} holds no {SUFFIX} file")
    return sorted(found)


def _counts(name: str) -> bool:
    return not name.startswith((".", "_"))


def _raise(error: OSError) -> None:
    raise BadOption(f"the folder {error.filename} cannot be read: {error.strerror or error}") from error
