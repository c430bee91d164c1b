"""What tells that a collection has changed: two properties of it, which every writer of seamline renews.

Describing a collection takes a millisecond and is right at once, whatever the consistency of searches. So whoever keeps
a copy of the rows knows before each answer whether it is still that of the collection.
"""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Mapping
from typing import Any

WRITTEN, REMOVED = "seamline.written", "seamline.removed"


@dataclasses.dataclass(frozen=True)
class Changes:
    """The last writing and the last deletion of rows; empty where none was noted. Equal ones mean the same rows, once
    no writer is at work any more."""

    written: str = ""
    removed: str = ""

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Changes:
        """From a collection as Milvus describes it."""
        properties = description.get("properties") or {}
        return cls(str(properties.get(WRITTEN, "")), str(properties.get(REMOVED, "")))

    @property
    def moment(self) -> float:
        """When the later of both was noted, in seconds since 1970 by the writer's clock; 0 for never."""
        return max(_moment(self.written), _moment(self.removed))


def new_mark() -> str:
    """A value that none of these properties has had: the time in nanoseconds and random digits."""
    return f"{time.time_ns():x}-{secrets.token_hex(4)}"


def _moment(mark: str) -> float:
    return int(mark.partition("-")[0], 16) / 1e9 if mark else 0.0
