"""Memory of each process over many requests, good ones and bad ones."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.hostile.images import corpus
from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import Target, photo_request, search_request, told

_GROWTH, _PEAK = 1.0, 1000.0
"""Megabytes that a process may grow by in 1,000 requests, and that it may have at most."""


def attack(target: Target, count: int, seconds: float, seed: int) -> Outcome:
    """`seconds` of requests first, in which everything takes the memory that it needs; then `count` of them."""
    outcome = Outcome("memory")
    requests = _requests(target, seed)
    with target.stub() as stub, ThreadPoolExecutor(3) as threads:

        def send(request: Any) -> None:
            outcome.count(*told(stub.ModelInfer, request))

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            list(threads.map(send, itertools.islice(requests, 30)))
        before = {(process.name, process.pid): process.share for process in target.processes()}
        list(threads.map(send, itertools.islice(requests, count)))
    outcome.allow("OK", "INVALID_ARGUMENT", "UNAVAILABLE")
    grown: dict[str, float] = {}
    for process in target.processes():
        growth = process.share - before.get((process.name, process.pid), process.share)
        grown[process.name] = max(growth, grown.get(process.name, float("-inf")))
        outcome.require(f"peak of {process.name}, MB", process.peak, _PEAK)
    for name, growth in grown.items():
        outcome.require(f"growth of {name} in 1,000 requests, MB", 1000 * growth / count, _GROWTH)
    return outcome


def _requests(target: Target, seed: int) -> Iterator[Any]:
    """Photos, searches, and files that are nearly photos, for ever."""
    search = search_request(target.photo)
    broken = itertools.cycle(list(corpus(200, seed)))
    for number in itertools.count():
        yield (photo_request(target.photos[number % len(target.photos)]), search, photo_request(next(broken)))[
            number % 3
        ]
