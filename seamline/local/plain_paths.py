"""Paths as Triton takes them.

Triton starts its stubs through a shell that splits paths at blanks, the stubs read ASCII, and an address has no place
for a long path. Whatever does not fit is reached through a link in a folder whose path does: the state folder, or one
in the temporary folder.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from seamline.local.errors import CannotRunHere
from seamline.local.folder import StateFolder

_LONGEST = 90
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
"""What a path may hold that stands in an address and in a shell's command; an address has room for 107 bytes."""


def plain_folder(folder: StateFolder) -> Path:
    """The state folder, or one in a temporary folder where its path does not fit. Raises CannotRunHere for none."""
    if _fits(folder.home):
        return folder.home
    name = f"seamline-{os.getuid()}-{folder.digest}"
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if _fits(Path(parent, name)) and os.access(parent, os.W_OK | os.X_OK):
            return Path(parent, name)
    raise CannotRunHere(
        f"Triton takes no path such as {folder.home}, and no temporary folder has a short and plain one either; "
        "set SEAMLINE_HOME or TMPDIR to a folder whose path has letters and digits alone"
    )


def plain(folder: StateFolder, path: Path, name: str) -> Path:
    """The path, or that of the link called `name` which `prepare` makes."""
    return path if _PLAIN.fullmatch(str(path)) else plain_folder(folder) / name


def prepare(folder: StateFolder, paths: Sequence[tuple[Path, str]]) -> None:
    """Make the plain folder and the links in it, anew.

    Raises CannotRunHere where somebody else has made that folder, or it cannot be written.
    """
    parent = plain_folder(folder)
    try:
        if parent != folder.home:
            parent.mkdir(mode=0o700, exist_ok=True)
            found = parent.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
                raise CannotRunHere(f"{parent} is not a folder of this user alone; remove it, or set TMPDIR")
        for path, name in paths:
            link = plain(folder, path, name)
            if link != path:
                link.unlink(missing_ok=True)
                link.symlink_to(path)
    except OSError as error:
        raise CannotRunHere(f"{parent} cannot be written ({error.strerror}); set TMPDIR to another folder") from None


def remove(folder: StateFolder, names: Sequence[str]) -> None:
    """Remove what lies in the plain folder, and that where it is not the state folder."""
    try:
        parent = plain_folder(folder)
    except CannotRunHere:
        return
    for name in names:
        with contextlib.suppress(OSError):
            (parent / name).unlink()
    if parent != folder.home:
        with contextlib.suppress(OSError):
            parent.rmdir()


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _LONGEST and bool(_PLAIN.fullmatch(str(path)))
