"""`seamline version`."""

from __future__ import annotations

import seamline
from seamline.cli.exits import DONE
from seamline.cli.output import show


def version() -> int:
    """Print seamline's version."""
    show(f"seamline {seamline.__version__}")
    return DONE
