"""Whether a deletion is final: who still holds bytes of the rows that a receipt names, looked up anew.

    checked_at  when
    again       items that were indexed once more since, or were written back by a rebuild that was under way
    found       rows with the deleted keys that Milvus gives
    milvus      for each physical collection: physical, dropped, segments (that held the rows and still exist; None
                where the server does not tell), rows (that the files of this machine's Milvus Lite hold; None
                elsewhere), snapshot (rows in this machine's snapshots; None elsewhere)
    held        whether anything of this holds a row, or cannot tell

A Milvus server removes the files of segments that it has written anew by its garbage collection, which nobody outside
can see; backups, exported files and logs of a message queue are not looked at either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seamline.client.address import local_server
from seamline.core.errors import NotFound
from seamline.core.state_folder import state_folder
from seamline.index import Index
from seamline.index.deletion import still_there
from seamline.index.remains import remains_of
from seamline.index.snapshot.copies import rows_in_snapshot, snapshots_of
from seamline.local.folder import StateFolder
from seamline.local.milvus_files import rows_in_files


def local_home(index: Index) -> Path | None:
    """The state folder of this machine's server where `index` is its Milvus."""
    return state_folder() if local_server().get("milvus") == index.uri else None


def checked(index: Index, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """What is known now of the rows of a receipt."""
    milvus = [_held_by(index, version) for version in receipt["versions"]]
    again, found = _found(index, receipt)
    return {
        "checked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "again": again,
        "found": found,
        "milvus": milvus,
        "held": bool(found) or any(map(_holds, milvus)),
    }


def _held_by(index: Index, version: Mapping[str, Any]) -> dict[str, Any]:
    physical, keys = version["physical"], _keys(version)
    remains = remains_of(index, physical, version["segments"])
    home = local_home(index)
    segments = remains.segments
    told = {
        "physical": physical,
        "dropped": remains.dropped,
        "segments": None if segments is None else list(segments),
        "rows": None,
        "snapshot": None,
    }
    if not keys:
        return told | {"segments": [], "rows": 0, "snapshot": 0}
    if home is not None:
        told["rows"] = 0 if remains.dropped else rows_in_files(StateFolder.at(home).milvus, physical, keys)
        told["snapshot"] = rows_in_snapshot(snapshots_of(home / "snapshots", index.uri) / physical, keys)
    return told


def _keys(version: Mapping[str, Any]) -> list[str]:
    """The deleted keys of all items of a version."""
    return [key for keys in version["keys"].values() for key in keys]


def _holds(told: Mapping[str, Any]) -> bool:
    if told["snapshot"]:
        return True
    if told["dropped"] or told["rows"] == 0:
        return False
    return bool(told["rows"]) or told["segments"] is None or bool(told["segments"])


def _found(index: Index, receipt: Mapping[str, Any]) -> tuple[Sequence[str], int]:
    """Items that have rows again, and how many of the deleted keys do."""
    try:
        versions = index.all_versions(receipt["collection"])
    except NotFound:
        return [], 0
    keys = sorted({key for version in receipt["versions"] for key in _keys(version)})
    again: dict[str, None] = {}
    found = 0
    for collection in versions:
        again |= dict.fromkeys(collection.keys_of_items(receipt["items"]))
        found += len(still_there(collection, keys))
    return list(again), found
