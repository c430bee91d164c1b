"""Files that are there as a whole or not at all."""

from __future__ import annotations

import contextlib
from pathlib import Path

from seamline.exporting.errors import ExportError


def write_bytes(path: Path, data: bytes) -> Path:
    """Put a file in its place once it is complete; folders are made. Raises ExportError where that fails."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror}; make room or name another folder") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    return path


def write_text(path: Path, text: str) -> Path:
    """Likewise."""
    return write_bytes(path, text.encode())
