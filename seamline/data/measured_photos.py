"""Photos that measure and must never be learnt from, because people told of them what an evaluation asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def paired_photos(photos: Path) -> frozenset[str]:
    """Photos that PHOTOS/pairs.json names in any of its groups; none where there is no such file."""
    path = photos / "pairs.json"
    return frozenset(_names(json.loads(path.read_text(encoding="utf-8")))) if path.is_file() else frozenset()


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _names(part)
