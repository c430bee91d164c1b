"""What a walk through a folder passes over, and by which kind it is counted."""

from __future__ import annotations

import os

HIDDEN, SYSTEM, LINK = "hidden", "system", "link to a folder"
NO_SUFFIX, OTHER = "no suffix", "other"

_SYSTEM_NAMES = frozenset(
    {
        "@eadir", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "$recycle.bin", "lost+found",
        "system volume information", "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini",
    }
)  # fmt: skip
"""Made by NAS systems (thumbnails, deleted files, snapshots), Windows and macOS; in lower case."""

_LONGEST_SUFFIX = 10
"""Characters; what is longer is a part of a name, and every name would be a kind of its own."""


def kind_of_special(name: str) -> str | None:
    """The kind of a file or folder that is passed over with all that is below it; None for any other name."""
    if name.lower() in _SYSTEM_NAMES:
        return SYSTEM
    return HIDDEN if name.startswith(".") else None


def kind_of(name: str) -> str:
    """The kind of a file that is no photo: its suffix in lower case, where it has one."""
    suffix = os.path.splitext(name)[1].lower()
    if len(suffix) < 2:
        return NO_SUFFIX
    return suffix if len(suffix) <= _LONGEST_SUFFIX and suffix[1:].isalnum() else OTHER
