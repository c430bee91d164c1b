"""The server and its Milvus, as commands, the desk and benchmarks open them for work on a whole catalogue.

What is heavy is imported when it is used, so that the command line starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seamline.core.errors import BadOption

if TYPE_CHECKING:
    from seamline.client import Client
    from seamline.index import Index

TIMEOUT = 90.0  # long enough for a supervised server to bring a dead step back in the middle of a run
MILVUS_TIMEOUT = 60.0  # a flush takes its time


def open_index(milvus: str | None, url: str | None = None, timeout: float = 10.0) -> Index:
    """The index at `milvus`, by default that of the server of this machine; `timeout` in seconds is for one call.

    Raises BadOption for another server at `url` whose Milvus nobody has named.
    """
    from seamline.client.address import local_server
    from seamline.index import Index, IndexSettings

    here = local_server()
    if milvus is None and url is not None and url != here.get("grpc"):
        raise BadOption(f"which Milvus belongs to the server {url}? Name it with --milvus or SEAMLINE_MILVUS_URI")
    if milvus is None and "milvus" in here:  # token and certificates in the environment are for another one
        return Index(here["milvus"], timeout=timeout, settings=IndexSettings.from_environment())
    return Index.from_environment(milvus, timeout)


def batch_client(url: str | None, system: str | None, timeout: float) -> Client:
    """A client for many photos, which outlasts an outage within `timeout` seconds once the server has answered.

    Until then it gives up within seconds, so that a missing server is told at once.
    """
    from seamline.client import Client, RetryPolicy

    policy = RetryPolicy(retries=None, first_retries=3)
    return Client(url, system=system, timeout=timeout, retries=policy, bulk=True)
