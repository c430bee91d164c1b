"""Where Triton listens: a socket file in a folder that only its owner can enter.

No other user of the machine reaches it, no page in a browser, and nobody over a network; it needs no password, which
would stand on Triton's command line for all to read. Triton puts its port's number behind its address, so the number is
the last part of the file's name.
"""

from __future__ import annotations

from seamline.local.folder import StateFolder
from seamline.local.plain_paths import plain_folder

_NAME, _PORT = "triton", "1"
SOCKET_FILE = f"{_NAME}:{_PORT}"


def triton_address(folder: StateFolder) -> str:
    """The address by which gRPC finds Triton. Raises CannotRunHere where no folder has a path that fits into one."""
    return f"unix:{plain_folder(folder) / SOCKET_FILE}"


def command_line(address: str) -> tuple[str, str]:
    """What Triton calls address and port."""
    host, _, port = address.rpartition(":")
    return host, port
