"""Senders that take more than their share, beside a client that does not."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.hostile import senders
from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import Target, search_request, told

_LARGEST_PROCESS = 1000.0


def dear(target: Target, seconds: float) -> Outcome:
    """Two senders of collages that ask for 200 hits a garment, without a pause."""
    return _beside(target, "dear legal requests", seconds, [senders.dear, senders.dear])


def large(target: Target, seconds: float) -> Outcome:
    """A sender of messages of 21 to 400 MB, and one of messages that compress two hundredfold."""
    return _beside(target, "large messages", seconds, [senders.large, senders.compressed])


def many(target: Target, seconds: float) -> Outcome:
    """A thousand connections that say nothing, stop in the middle of a message, or trickle."""
    return _beside(target, "a thousand connections", seconds, [senders.connections])


def flood(target: Target, seconds: float) -> Outcome:
    """Forty senders of an ordinary photo, without a pause: most are refused, and nothing breaks."""
    return _beside(
        target, "a flood of photos", seconds, [senders.flood, senders.flood], refused=1.0, slower=float("inf")
    )


def _beside(
    target: Target,
    name: str,
    seconds: float,
    attackers: list[senders.Sender],
    *,
    refused: float = 0.5,
    slower: float = 5.0,
) -> Outcome:
    """A client with a photo every 0.15 s, alone and then beside the attackers; what it may suffer is bounded."""
    outcome, before = Outcome(name), target.restarts()
    alone = [took for took, _ in _normal(target, max(6.0, seconds / 4))]
    # In processes of their own, so that they take nothing but the server from the client.
    context = multiprocessing.get_context("spawn")
    stop, sending = context.Event(), context.Barrier(len(attackers) + 1)
    given = (target.server.endpoints.grpc, target.photo, target.collage, stop, sending)
    processes = [context.Process(target=attacker, args=given, daemon=True) for attacker in attackers]
    for process in processes:
        process.start()
    try:
        sending.wait(60)
        beside = list(_normal(target, seconds))
    finally:
        stop.set()
        for process in processes:
            process.join(30)
            process.kill()
    for _, (code, sentence) in beside:
        outcome.count(code, sentence)
    answered = [took for took, (code, _) in beside if code == "OK"] or [float("inf")]
    outcome.figures["p99 alone, ms"] = round(1000 * float(np.percentile(alone, 99)), 1)
    outcome.figures["p99 beside, ms"] = round(1000 * float(np.percentile(answered, 99)), 1)
    outcome.require("p99 over its own", float(np.percentile(answered, 99) / np.percentile(alone, 99)), slower)
    outcome.require("share refused", 1 - outcome.codes["OK"] / max(1, len(beside)), refused)
    outcome.allow("OK", "UNAVAILABLE", "DEADLINE_EXCEEDED")
    outcome.require("restarts", target.restarts() - before, 0)
    outcome.require("seconds until it is well", target.wait_until_well(), 10)
    for one in target.processes():
        outcome.require(f"peak of {one.name}, MB", one.peak, _LARGEST_PROCESS)
    return outcome


def _normal(target: Target, seconds: float) -> Iterator[tuple[float, tuple[str, str]]]:
    request = search_request(target.photo)
    end = time.monotonic() + seconds
    with target.stub() as stub:
        while time.monotonic() < end:
            start = time.perf_counter()
            answer = told(stub.ModelInfer, request)
            took = time.perf_counter() - start
            yield took, answer
            time.sleep(max(0.0, 0.15 - took))
