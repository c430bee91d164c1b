"""A collection's rows in files that all processes of a server map into memory, for searches that look at every row.

Milvus remains the one place where rows are stored. A snapshot is a copy that can be thrown away at any time; it
answers only while the collection's `Changes` say that it is whole.
"""

from seamline.index.snapshot.keeper import SnapshotKeeper
from seamline.index.snapshot.reading import Snapshot

__all__ = ["Snapshot", "SnapshotKeeper"]
