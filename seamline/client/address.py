"""Where the server is: an argument, SEAMLINE_URL, or what `seamline up` wrote down, in this order."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from seamline.client.security import TLS
from seamline.core.errors import BadOption, Unavailable
from seamline.core.state_folder import state_folder

_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(\d{1,5})")
_SOCKET_FILE = "unix:/"


def server_address(url: str | None = None) -> str:
    """host:port of the gateway, or of Triton itself; `unix:` and a path where it listens at a socket file.

    Raises BadOption when the given address is neither, Unavailable when none is given and none is known.
    """
    given = url or os.environ.get("SEAMLINE_URL")
    return _checked(given) if given else _local_address()


def operator_address(url: str) -> str:
    """Triton's own address, for orders that a gateway does not pass on: that of the local server where `url` names it.

    Raises BadOption when the address is none.
    """
    address, here = _checked(url), local_server()
    return str(here.get("triton", address)) if address == here.get("grpc") else address


def _checked(address: str) -> str:
    bare = address.strip().removeprefix("grpc://").rstrip("/")
    if bare.startswith(_SOCKET_FILE):
        return bare
    match = _ADDRESS.fullmatch(bare.removeprefix(TLS))
    if match is None or not 0 < int(match[2]) < 65536:
        raise BadOption(
            f"{address!r} is not a server address; write host:port of the gRPC port, such as 127.0.0.1:8001"
        )
    return bare


def local_server() -> Mapping[str, Any]:
    """What `seamline up` wrote down about the server of this machine; empty when it wrote nothing."""
    try:
        state = json.loads((state_folder() / "server.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, Unavailable):
        return {}
    return state if isinstance(state, dict) else {}


def _local_address() -> str:
    state_folder()
    address = local_server().get("grpc")
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise Unavailable(
            "no server is running here; start one with `seamline up`, or name one with --url or SEAMLINE_URL"
        )
    return address
