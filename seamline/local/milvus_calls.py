"""The few calls that the supervisor makes to Milvus, each on a connection of its own.

pymilvus' client is made for programs that stay: it reconnects, retries, sends keep-alive pings and logs
tracebacks. Here an answer, or none in time, is all that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]

NO_COLLECTIONS = b"\n\x00"
"""What `ping` returns when there are none: a status of success and nothing else."""

_SHOW_COLLECTIONS = "/milvus.proto.milvus.MilvusService/ShowCollections"
_TIMEOUT = 5.0
_LOAD_TIMEOUT = 30.0


def ping(address: str, timeout: float) -> bytes | None:
    """The answer of Milvus at host:port to "list your collections", None when none comes in time (seconds)."""
    # The request is an empty message, so pymilvus, which takes a second to import, is not needed.
    with _channel(address) as channel:
        try:
            answer: bytes = channel.unary_unary(_SHOW_COLLECTIONS)(b"", timeout=timeout)
        except grpc.RpcError:
            return None
    return answer


def load_collections(address: str) -> list[str]:
    """Makes every collection searchable, for Milvus Lite starts with all of them released.

    Returns a sentence for each that could not be loaded. Raises grpc.RpcError when Milvus does not answer.
    """
    from pymilvus.grpc_gen import milvus_pb2 as messages

    problems = []
    with _milvus(address) as milvus:
        for name in _names(milvus):
            status = milvus.LoadCollection(messages.LoadCollectionRequest(collection_name=name), timeout=_LOAD_TIMEOUT)
            if status.code or status.error_code:
                problems.append(f"{name}: {status.reason}")
    return problems


def count_rows(address: str) -> dict[str, int]:
    """Rows of every collection. Raises grpc.RpcError when Milvus does not answer."""
    from pymilvus.grpc_gen import milvus_pb2 as messages

    rows = {}
    with _milvus(address) as milvus:
        for name in _names(milvus):
            request = messages.GetCollectionStatisticsRequest(collection_name=name)
            stats = {pair.key: pair.value for pair in milvus.GetCollectionStatistics(request, timeout=_TIMEOUT).stats}
            rows[name] = int(stats.get("row_count", 0))
    return rows


def _names(milvus: Any) -> list[str]:
    from pymilvus.grpc_gen import milvus_pb2 as messages

    return sorted(milvus.ShowCollections(messages.ShowCollectionsRequest(), timeout=_TIMEOUT).collection_names)


@contextmanager
def _milvus(address: str) -> Iterator[Any]:
    from pymilvus.grpc_gen import milvus_pb2_grpc

    with _channel(address) as channel:
        yield milvus_pb2_grpc.MilvusServiceStub(channel)


def _channel(address: str) -> Any:
    # Channels to one address share their connection unless told otherwise, and a broken one would be met again.
    options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    return grpc.insecure_channel(address, options=options)
