"""Choosing the ports before anything is started, so that they can be kept when a process is restarted."""

from __future__ import annotations

import random
import socket

from seamline.local.errors import PortTaken
from seamline.local.folder import StateFolder
from seamline.local.options import ADDRESS, Endpoints, LocalOptions
from seamline.local.socket_file import triton_address

USUAL = {"grpc": 8001, "metrics": 8002, "milvus": 19530}

# Below the range that kernels hand out to outgoing connections: a port stays ours while its server restarts.
_FREE_RANGE = range(20_000, 30_000)


def choose(options: LocalOptions) -> Endpoints:
    """Different ports, and Triton's socket file. Raises PortTaken for a port that was asked for and is in use."""
    taken: set[int] = set()
    chosen = {}
    # Ports that were asked for come first, so that a free choice does not take them.
    for name in sorted(USUAL, key=lambda name: not getattr(options, f"{name}_port")):
        chosen[name] = _port(name, getattr(options, f"{name}_port"), taken)
        taken.add(chosen[name])
    return Endpoints(
        grpc=f"{ADDRESS}:{chosen['grpc']}",
        triton=triton_address(StateFolder.at(options.home)),
        metrics=f"{ADDRESS}:{chosen['metrics']}",
        milvus=f"http://{ADDRESS}:{chosen['milvus']}",
    )


def is_free(port: int) -> bool:
    """Whether nobody listens on the port.

    A server with SO_REUSEPORT, as Milvus Lite is one, would start on a taken port without a word and get
    some of its calls; this bind does not set it, so it sees such servers.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Different ports on which nobody listens. Raises PortTaken when there are not as many."""
    taken: set[int] = set()
    while len(taken) < count:
        taken.add(_any_free(taken))
    return sorted(taken)


def _port(name: str, asked: int | None, taken: set[int]) -> int:
    if asked:
        if asked in taken or not is_free(asked):
            raise PortTaken(
                f"port {asked}, asked for as {name} port, is in use; give another one, or none to have one chosen"
            )
        return asked
    if asked is None and USUAL[name] not in taken and is_free(USUAL[name]):
        return USUAL[name]
    return _any_free(taken)


def _any_free(taken: set[int]) -> int:
    for port in random.sample(_FREE_RANGE, 200):
        if port not in taken and is_free(port):
            return port
    raise PortTaken(f"no free port was found between {_FREE_RANGE.start} and {_FREE_RANGE.stop}")
