"""How the tasks of a job get photos and vectors, and what a Python process of an executor keeps between them."""

from __future__ import annotations

import dataclasses
import functools

from seamline.catalogue import Downloader, PhotoReader
from seamline.client import Client

_TIMEOUT = 60.0  # seconds of one call


@dataclasses.dataclass(frozen=True)
class Service:
    """`url`: of the server. `in_flight`: requests at a time of one task. `patience`: seconds to bear with a server that
    refuses. `allow_urls`: whether photos may be fetched. `verify`: compare contents also where files look unchanged.
    """

    url: str
    in_flight: int = 4
    patience: float = 600.0
    allow_urls: bool = False
    verify: bool = False


@functools.cache
def client_of_process(url: str) -> Client:
    """The one client that all tasks of this process share; it repeats nothing by itself."""
    return Client(url, timeout=_TIMEOUT, retries=0, bulk=True)


@functools.cache
def reader_of_process(allow_urls: bool) -> PhotoReader:
    """The one reader of photos that all tasks of this process share."""
    return PhotoReader(Downloader() if allow_urls else None)
