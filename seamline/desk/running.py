"""The desk as a server."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable

import uvicorn

from seamline.core.errors import BadOption
from seamline.desk.application import create_app
from seamline.desk.origins import is_loopback
from seamline.desk.settings import DeskSettings


def run(settings: DeskSettings, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called with the address once it can be opened.

    Raises BadOption for an address that is none or is taken, and for one that others reach where nobody signs in.
    """
    host, port = _address(settings)
    os.umask(0o077)  # what the desk writes is for its owner alone, also in a folder that others may read
    _log_to_stderr()
    app = create_app(settings)
    with _bound(host, port) as listening:
        ready(f"http://{settings.listen}")
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws="none",
            h11_max_incomplete_event_size=65536,
        )
        uvicorn.Server(config).run(sockets=[listening])


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    desk = logging.getLogger("seamline.desk")
    desk.addHandler(handler)
    desk.setLevel(logging.INFO)


def _address(settings: DeskSettings) -> tuple[str, int]:
    host, colon, port = settings.listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadOption(f"--listen {settings.listen!r} is not HOST:PORT, such as 127.0.0.1:8080")
    if not is_loopback(host) and not settings.signs_in:
        raise BadOption("where others reach the desk, people must sign in; name a file of people with --users")
    return host.strip("[]"), int(port)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # who is told the address connects at once, and waits until the first request is taken
    except OSError as error:
        listening.close()
        raise BadOption(
            f"the desk cannot listen at {host}:{port} ({error.strerror}); name another with --listen"
        ) from error
    return listening
