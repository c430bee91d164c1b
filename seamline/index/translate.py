"""Milvus's errors as seamline's: the one place that decides which is which.

A refusal has a code and a message of the server, silence has a status of gRPC. Unavailable is what trying again may
mend: the server is away, full, overloaded or still loading. AccessRefused is for whoever runs the service: the name,
the password or a certificate. InternalError is a call that this server will never take.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import grpc  # type: ignore[import-untyped, unused-ignore]
from pymilvus.exceptions import MilvusException

from seamline.core.errors import AccessRefused, InternalError, NotFound, SeamlineError, Unavailable

_LOG = logging.getLogger(__name__)

_NOT_LOADED = 101
_NOT_FOUND = (100, 1600)  # a collection, an alias
_FULL_CODES = (3, 4, 7, 8, 9)  # memory, calls at once, disk; calls a second; writing is denied while these are short
_NOT_READY = (103, 106, 202, 401, 501, 503, 601, 602, 901, 902)
"""A collection or partition that is being loaded; a replica, channel, segment or node that is away."""
_SILENCE = ("connect", "unavailable", "timeout", "deadline", "not ready", "no available", "node offline")
_FULL = ("no space left", "quota", "exhausted", "deny to write", "force deny")

_CERTIFICATES = (
    (
        "certificate_verify_failed",
        "no authority that this program knows has signed the certificate of the index; name the authority's file with "
        "SEAMLINE_MILVUS_CA",
    ),
    (
        "hostname verification",
        "the certificate of the index is for another host name; use that name in the address, or give it with "
        "SEAMLINE_MILVUS_SERVER_NAME",
    ),
    (
        "unwrap failed",
        "the index wants a certificate of this program; name one with SEAMLINE_MILVUS_CERT and SEAMLINE_MILVUS_KEY",
    ),
)
"""Words of gRPC's details, which has one status for them and for a server that is away, and what to do."""


class NotLoaded(Unavailable):
    """The collection is on disk and not in memory."""


def translated(error: Exception) -> SeamlineError:
    """The error that a refusal of Milvus, or its silence, stands for."""
    told = next((found for cause in _causes(error) if (found := _of_grpc(cause)) is not None), None)
    if told is not None:
        return told
    return _refusal(error) if isinstance(error, MilvusException) else _away()


def _of_grpc(cause: BaseException) -> SeamlineError | None:
    """What gRPC says of the connection, None for anything else."""
    if not isinstance(cause, grpc.RpcError) or not isinstance(cause, grpc.Call):
        return None
    if cause.code() == grpc.StatusCode.UNAUTHENTICATED:
        return AccessRefused("the index refuses the token; set SEAMLINE_MILVUS_TOKEN to USER:PASSWORD")
    if cause.code() == grpc.StatusCode.PERMISSION_DENIED:
        return AccessRefused("the index does not let its user do this; an administrator of Milvus can grant it")
    details = str(cause.details()).lower()
    for word, sentence in _CERTIFICATES:
        if word in details:
            return AccessRefused(sentence)
    if "socket closed" in details:
        return Unavailable("the index ends the connection; try again in a moment, with https:// if it speaks TLS")
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it; pymilvus makes errors their own cause."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        yield cause
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__


def _refusal(error: MilvusException) -> SeamlineError:
    said = error.message.lower()
    if error.code == _NOT_LOADED:
        return NotLoaded("the index is loading the collection; try again in a moment")
    if error.code in _NOT_FOUND:
        return NotFound("the collection does not exist")
    if error.code in _NOT_READY:
        return Unavailable("the index is still loading the collection, or a part of it is away; try again in a moment")
    if error.code in _FULL_CODES or any(word in said for word in _FULL):
        _LOG.error("Milvus takes no more: %s", error.message)
        return Unavailable("the index takes no more at the moment; its disk or memory may be full")
    if any(word in said for word in _SILENCE):
        return _away()
    _LOG.error("Milvus refused a call: %s", error.message)
    return InternalError("the index refused the call; the log names the cause")


def _away() -> Unavailable:
    return Unavailable("the index does not answer; try again in a moment")
