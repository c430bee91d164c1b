"""What can keep the load from being measured."""

from __future__ import annotations

from seamline.core.errors import SeamlineError


class LoadError(SeamlineError):
    """The measurement cannot be made here, or a part of it failed; the message says what to do."""
