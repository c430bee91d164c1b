"""Our own client: threads that ask one after the other, whatever it is that answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.speed.load.sample import Sample

Ask = Callable[[int], object]
"""Asks for the photo of this number and comes back with the answer; raises when there is none."""


def drive(askers: Sequence[Ask], photos: int, requests: int) -> Sample:
    """`requests` questions, each photo equally often where it divides them; every asker has one in flight.

    `client_cpu` is the CPU time of this process. Raises what an asker raises.
    """
    # One iterator for all threads: `next` on a range is atomic in CPython.
    numbers = iter(range(requests))
    before, start = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(len(askers)) as pool:
        parts = list(pool.map(lambda ask: _times(ask, numbers, photos), askers))
    seconds, asking = time.perf_counter() - start, time.process_time() - before
    return Sample(tuple(latency for part in parts for latency in part), seconds, client_cpu=asking * 1000 / requests)


def _times(ask: Ask, numbers: Iterator[int], photos: int) -> list[float]:
    times = []
    for number in numbers:
        start = time.perf_counter()
        ask(number % photos)
        times.append((time.perf_counter() - start) * 1000)
    return times
