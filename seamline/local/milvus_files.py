"""What the files of this machine's Milvus Lite hold, whatever its answers say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_KEY = "pk"


def rows_in_files(data: Path, physical: str, keys: Sequence[str]) -> int | None:
    """How many rows with these keys the data files of a collection hold, those deleted since included.

    None where that cannot be told: the files are not where Milvus Lite 3 keeps them, or change while they are read.
    """
    import pyarrow
    import pyarrow.parquet

    folder = data / "collections" / physical / "partitions"
    if not folder.is_dir():
        return None
    try:
        return sum(
            pyarrow.parquet.read_table(file, columns=[_KEY], filters=[(_KEY, "in", list(keys))]).num_rows
            for file in folder.glob("*/data/*.parquet")
        )
    except (pyarrow.ArrowException, OSError):
        return None
