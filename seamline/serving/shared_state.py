"""Files that the processes of one server share."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def shared_path(name: str) -> Path:
    """In the state folder of an embedded server, otherwise named by the server, which is the parent of every step."""
    home = os.environ.get("SEAMLINE_HOME")
    if home and Path(home).is_dir():
        return Path(home, name)
    return Path(tempfile.gettempdir(), f"seamline-{name}-{os.getuid()}-{os.getppid()}")
