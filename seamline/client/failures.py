"""gRPC failures as seamline's own errors. This is the only place that reads gRPC status codes."""

from __future__ import annotations

import re

import grpc

from seamline.core import errors

_ENSEMBLE_PREFIX = re.compile(r"^(in ensemble '[^']*', )+")
_DEAD_STUB = re.compile(r"Stub process .* is not healthy")
_UNKNOWN_MODEL = re.compile(r"unknown model: '(?:embed|search)_(\w+)' is not found")
_UNKNOWN_INPUT = re.compile(r"unexpected inference input '(\w+)' for model")
_FULL_QUEUE = re.compile(r"Exceeds maximum queue size|Request timeout expired|the server is busy")
"""What Triton says of a request that a step's queue does not take, or has kept for too long, and the first step."""
_NO_CONNECTION = re.compile(
    r"failed to connect|connection (refused|reset|closed|attempt)|socket closed|broken pipe|"
    r"(dns|domain name) resolution failed|name resolution|goaway|end of tcp stream|"
    r"no route to host|network is unreachable|recvmsg|sendmsg|stream removed|transport closed",
    re.IGNORECASE,
)
_CLASSES: dict[grpc.StatusCode, type[errors.SeamlineError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidArgument,
    grpc.StatusCode.NOT_FOUND: errors.NotFound,
    grpc.StatusCode.UNAVAILABLE: errors.Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceeded,
    grpc.StatusCode.UNIMPLEMENTED: errors.Unsupported,
    grpc.StatusCode.UNAUTHENTICATED: errors.AccessRefused,
    grpc.StatusCode.PERMISSION_DENIED: errors.AccessRefused,
}


def seamline_error(failure: grpc.RpcError, address: str, timeout: float) -> errors.SeamlineError:
    """The error that a failed call to `address` stands for; `timeout` in seconds was the caller's."""
    code, text = failure.code(), _sentence(failure.details() or "")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.DeadlineExceeded(f"the server at {address} did not answer within {timeout:g} s")
    if code is grpc.StatusCode.UNAVAILABLE and _FULL_QUEUE.search(text):
        return errors.Busy(f"the server at {address} is busy and refused the request; try again in a moment")
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in text:
        return errors.InvalidArgument(f"the photo is larger than the server at {address} takes; make it smaller")
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return errors.Busy(f"the server at {address} is busy and refused the request; try again in a moment")
    if code is grpc.StatusCode.UNAVAILABLE and (not text or _NO_CONNECTION.search(text)):
        return errors.Unavailable(f"no server answers at {address}; start one with `seamline up`, or check the address")
    if _DEAD_STUB.search(text):
        # Triton reports a dead step as INTERNAL, though a supervised server brings it back within seconds.
        return errors.Unavailable(f"a step of the server at {address} has died; it may be back in a few seconds")
    if code is grpc.StatusCode.CANCELLED:
        return errors.Unavailable("the call was cancelled because the client was closed")
    if (unknown := _UNKNOWN_MODEL.search(text)) is not None:
        return errors.NotFound(
            f"the server at {address} does not serve the system {unknown[1]!r}; install it there with "
            f"export/install.py --system {unknown[1]} --weights FOLDER, or leave --system out"
        )
    if (unknown := _UNKNOWN_INPUT.search(text)) is not None:
        return errors.InvalidArgument(
            f"the server at {address} takes no {unknown[1]}: it is of another version, or its system has no use for "
            "it; leave it out"
        )
    kind = _CLASSES.get(code, errors.InternalError)
    return kind(text or f"the server at {address} failed without saying why")


def _sentence(details: str) -> str:
    first_line = details.strip().splitlines()[0] if details.strip() else ""
    return _ENSEMBLE_PREFIX.sub("", first_line)
