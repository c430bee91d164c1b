"""A server's snapshots as files of this machine: whether rows that were deleted are in them, and their removal."""

from __future__ import annotations

import fcntl
import hashlib
import secrets
import shutil
from collections.abc import Collection as Sized
from contextlib import suppress
from pathlib import Path

import numpy as np


def snapshots_of(folder: Path, uri: str) -> Path:
    """Where a server whose snapshots are in `folder` keeps those of the Milvus at `uri`."""
    return folder / hashlib.sha256(uri.encode()).hexdigest()[:12]


def rows_in_snapshot(folder: Path, keys: Sized[str]) -> int:
    """How many rows with these keys the files of one collection's snapshot hold, those marked as removed too."""
    wanted = np.array(sorted(key.encode() for key in keys), np.bytes_)
    found = 0
    for file in folder.glob("segment-*/fields.npy"):
        with suppress(OSError, ValueError):  # it is being removed just now
            found += int(np.isin(np.load(file, mmap_mode="r")["key"], wanted).sum())
    return found


def remove_snapshot(folder: Path) -> bool:
    """Throw one collection's snapshot away; whether there was one. The server makes it anew from Milvus when it is
    next searched, and asks Milvus until then. Raises OSError."""
    try:
        lock = (folder / "lock").open("rb")
    except FileNotFoundError:
        return False
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a refresh that has begun comes to its end first
        removed = folder.with_name(f"removed-{secrets.token_hex(8)}")
        try:
            folder.rename(removed)  # in one step, so that nobody adds to what is being removed
        except FileNotFoundError:  # somebody else was first
            return False
    shutil.rmtree(removed, ignore_errors=True)
    return True
