"""What a Milvus still holds on its disks of rows that were deleted, and how it is asked to let go of them.

A deleted row is no longer found at once. Its bytes stay in the segment that it was written to until Milvus writes that
segment anew without it, which is called compaction; a Milvus server then removes the old files by its garbage
collection some hours later. Milvus Lite answers a request to compact with success and does nothing: it merges segments
by itself once four of about one size are there, and removes their files at once.
"""

from __future__ import annotations

from collections.abc import Collection as Sized
from dataclasses import dataclass

from seamline.core.errors import NotFound, Unsupported
from seamline.index.rebuild import Index
from seamline.index.server import Server

COMPLETED = "Completed"
"""What Milvus says of a compaction that has come to its end."""


@dataclass(frozen=True)
class Remains:
    """Of one physical collection. `dropped`: the collection itself is no more. `segments`: those that held its rows
    when they were deleted and that Milvus has not written anew; None where the server does not tell, as Milvus Lite."""

    physical: str
    dropped: bool
    segments: tuple[int, ...] | None


def server_of(index: Index) -> Server:
    """Which Milvus it is."""
    return Server.of(index.call(lambda client: client.get_server_version()))


def segments_of(index: Index, physical: str) -> tuple[int, ...] | None:
    """Ids of the segments on disk, None where the server does not tell."""
    if server_of(index).lite:
        return None
    found = index.call(lambda client: client.list_persistent_segments(physical))
    return tuple(sorted(int(segment.segment_id) for segment in found))


def remains_of(index: Index, physical: str, before: Sized[int] | None) -> Remains:
    """What is left of the rows that were deleted while the collection had the segments `before`."""
    if physical not in index.physical_names():
        return Remains(physical, True, ())
    now = segments_of(index, physical)
    if now is None or before is None:
        return Remains(physical, False, None)
    return Remains(physical, False, tuple(segment for segment in now if segment in before))


def compact(index: Index, physical: str) -> int:
    """Ask Milvus to write the segments anew; the number of that job.

    Raises Unsupported for Milvus Lite, NotFound for a collection that is no more.
    """
    if server_of(index).lite:
        raise Unsupported(
            "Milvus Lite compacts only by itself; `seamline collections rebuild NAME` and then `seamline collections "
            "prune NAME` write the collection anew and remove the old files"
        )
    if physical not in index.physical_names():
        raise NotFound("the collection does not exist any more, and nothing of it needs to be compacted")
    return int(index.call(lambda client: client.compact(physical)))


def compaction_state(index: Index, job: int) -> str:
    """What Milvus says of a compaction: Executing, Completed, or another word for one that it does not know."""
    return str(index.call(lambda client: client.get_compaction_state(job)))
