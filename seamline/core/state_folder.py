"""Where seamline keeps files for a user: the local server's state, and caches of evaluations."""

from __future__ import annotations

import os
from pathlib import Path

from seamline.core.errors import Unavailable


def state_folder() -> Path:
    """The folder of the local server's state: SEAMLINE_HOME, by default `~/.seamline`.

    Raises Unavailable where neither says a folder: a user whom this machine does not know, without HOME.
    """
    named = os.environ.get("SEAMLINE_HOME")
    if named and not named.startswith("~"):
        return Path(named)
    home = home_folder("SEAMLINE_HOME to a folder for the local server, or SEAMLINE_URL to the address of another one")
    if not named:
        return home / ".seamline"
    try:
        return Path(named).expanduser()
    except RuntimeError:
        raise Unavailable(f"SEAMLINE_HOME is {named}, and this machine knows no such user") from None


def home_folder(instead: str) -> Path:
    """The user's own folder. Raises Unavailable where there is none; `instead` is what the sentence asks to set."""
    try:
        return Path.home()
    except RuntimeError:
        raise Unavailable(f"this user has no home folder; set {instead}") from None
