"""How the tasks of a job get photos and vectors."""

from __future__ import annotations

import dataclasses

from seamline.catalogue import Downloader, PhotoReader
from seamline.client import Client, RetryPolicy

_TIMEOUT = 60.0  # seconds of one call
_TIMEOUTS = 3  # calls in a row without an answer, after which the photo is to blame and not the server


@dataclasses.dataclass(frozen=True)
class Service:
    """`url`: of the server. `in_flight`: requests at a time of one task. `retry_seconds`: how long a server that
    refuses is asked again. `allow_urls`: whether photos may be fetched. `verify`: compare contents also where files
    look unchanged. `system`: whose vectors are wanted, by default the server's own.
    """

    url: str
    in_flight: int = 4
    retry_seconds: float = 600.0
    allow_urls: bool = False
    verify: bool = False
    system: str | None = None

    def client(self, *, batch: bool) -> Client:
        """A client of the server; `batch` for a task's photos, which can wait while the server is busy."""
        if not batch:
            return Client(self.url, system=self.system)
        policy = RetryPolicy(retries=None, seconds=self.retry_seconds, timeouts=_TIMEOUTS)
        return Client(self.url, system=self.system, timeout=_TIMEOUT, retries=policy, bulk=True)

    def reader(self) -> PhotoReader:
        """What reads photos, and fetches them where that is allowed. Threads may share it."""
        return PhotoReader(Downloader() if self.allow_urls else None)
