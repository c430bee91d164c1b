"""Files that are there as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from seamline.core.errors import BadOption
from seamline.core.output_files import output_file
from seamline.exporting.errors import ExportError


def write_bytes(path: Path, data: bytes) -> Path:
    """Put a file in its place once it is complete; folders are made. Raises ExportError where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with output_file(path) as file:
            file.write(data)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror}; make room or name another folder") from error
    except BadOption as error:
        raise ExportError(f"{error}; make room or name another folder") from error
    return path


def write_text(path: Path, text: str) -> Path:
    """Likewise."""
    return write_bytes(path, text.encode())
