"""Case files that somebody changed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.desk.casefile.cases import sha256

Change = bytes | None | Callable[[bytes], bytes]


def read(file: Path) -> dict[str, bytes]:
    """All files by name."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(file: Path, changes: Mapping[str, Change], *, listed: bool = False) -> Path:
    """Change, add or (None) remove files; `listed`: and write hashes and head of the manifest anew, as one would."""
    held = read(file)
    for name, change in changes.items():
        held[name] = change(held[name]) if callable(change) else change or b""
        if change is None:
            del held[name]
    if listed:
        held["manifest.json"] = _listing(held)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return file


def _listing(held: Mapping[str, bytes]) -> bytes:
    manifest = json.loads(held["manifest.json"])
    lines = held["log.jsonl"].splitlines()
    last = json.loads(lines[-1])
    files = {
        name: {"sha256": sha256(data), "size": len(data)}
        for name, data in held.items()
        if name not in ("manifest.json", "manifest.tsr")
    }
    return json.dumps(manifest | {"files": files, "head": last["digest"], "entries": len(lines)}).encode()


def in_json(*path: str | int, value: Any) -> Callable[[bytes], bytes]:
    """A change of one value."""

    def change(data: bytes) -> bytes:
        whole = at = json.loads(data)
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        return json.dumps(whole).encode()

    return change


def in_line(place: int, **fields: Any) -> Callable[[bytes], bytes]:
    """A change of fields of one log entry, written as the log is written."""

    def change(data: bytes) -> bytes:
        lines = data.splitlines()
        entry = json.loads(lines[place]) | fields
        lines[place] = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return b"".join(line + b"\n" for line in lines)

    return change


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    """A change of the log's lines."""
    return lambda data: b"".join(line + b"\n" for line in change(data.splitlines()))
