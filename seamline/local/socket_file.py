"""Where Triton listens: a socket file in a folder that only its owner can enter.

No other user of the machine reaches it, no page in a browser, and nobody over a network; it needs no password, which
would stand on Triton's command line for all to read. Triton puts its port's number behind its address, so the number is
the last part of the file's name.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from pathlib import Path

from seamline.local.errors import CannotRunHere
from seamline.local.folder import StateFolder

_NAME, _PORT = "triton", "1"
_LONGEST = 100
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
"""What a path may hold that stands in an address, and the bytes that the kernel takes."""


def triton_address(folder: StateFolder) -> str:
    """The address by which gRPC finds Triton."""
    return f"unix:{_parent(folder) / _NAME}:{_PORT}"


def command_line(address: str) -> tuple[str, str]:
    """What Triton calls address and port."""
    host, _, port = address.rpartition(":")
    return host, port


def prepare(folder: StateFolder) -> None:
    """Make the folder of the socket file and remove what an earlier server left in it.

    Raises CannotRunHere where somebody else has made that folder.
    """
    parent = _parent(folder)
    if parent != folder.home:
        parent.mkdir(mode=0o700, exist_ok=True)
        found = parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise CannotRunHere(f"{parent} is not a folder of this user alone; remove it, or set TMPDIR")
    (parent / f"{_NAME}:{_PORT}").unlink(missing_ok=True)


def remove(folder: StateFolder) -> None:
    """Remove the socket file, and its folder where that is not the state folder."""
    parent = _parent(folder)
    (parent / f"{_NAME}:{_PORT}").unlink(missing_ok=True)
    if parent != folder.home and parent.is_dir():
        parent.rmdir()


def _parent(folder: StateFolder) -> Path:
    """The state folder, or one in the temporary folder where its path does not fit into an address."""
    if len(os.fsencode(folder.home)) <= _LONGEST - 10 and _PLAIN.fullmatch(str(folder.home)):
        return folder.home
    return Path(tempfile.gettempdir(), f"seamline-{os.getuid()}-{folder.digest}")
