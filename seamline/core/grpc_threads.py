"""gRPC's own threads, and the processes that are forked beside them."""

from __future__ import annotations

import functools

import grpc  # type: ignore[import-untyped, unused-ignore]


@functools.cache
def keep_grpc_running() -> grpc.Channel:
    """A channel that is never used or closed; to be made before the first one that is.

    With the last channel gRPC ends its threads in the background, and a child that is forked meanwhile waits for ever
    for them when it makes a channel of its own.
    """
    return grpc.insecure_channel("unix:/never-used")
