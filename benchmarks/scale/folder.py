"""Where a catalogue of one size is kept: Milvus's data, how far it has been filled and what has been measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

COLLECTION = "scale"

SETTINGS = {
    "dataCoord.segment.sealProportion": "1",
    "dataCoord.segment.maxBinlogFileNumber": "65536",
    "rocksmq.retentionSizeInMB": "1024",
    "quotaAndLimits.diskProtection.enabled": "false",
}
"""Segments are sealed when they are full, not at 12 % of that and then merged, which would index every row twice."""


class Folder:
    """One catalogue's folder."""

    def __init__(self, root: Path, size: int, label: str) -> None:
        self.size, self.label = size, label
        self.path = root / f"{label}-{size}"
        self.path.mkdir(parents=True, exist_ok=True)

    @property
    def milvus(self) -> Path:
        """The server's data."""
        return self.path / "milvus"

    def read(self, name: str) -> Any:
        """What was noted under a name, None for nothing."""
        file = self.path / f"{name}.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None

    def note(self, name: str, value: Any) -> None:
        """Keep a value under a name, all of it or nothing."""
        file = self.path / f"{name}.json"
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
        partial.replace(file)
