from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable

import grpc
import pytest

from seamline.client import Client
from seamline.client.retrying import Retrier, RetryPolicy
from seamline.core.errors import BadPhoto, DeadlineExceeded, SeamlineError, Unavailable
from tests.support.wire_server import WireServer

PATIENT = RetryPolicy(retries=None, seconds=10.0, timeouts=3, first_pause=0.001, longest_pause=0.001)


class Service:
    """Answers with these errors first."""

    def __init__(self, *errors: SeamlineError) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_pauses_grow_and_stay_below_the_longest() -> None:
    for retry, longest in ((1, 0.2), (2, 0.4), (3, 0.8), (30, 5.0), (10_000, 5.0)):
        assert longest / 2 <= RetryPolicy().pause_before(retry) <= longest


def test_what_was_refused_is_asked_for_again_until_it_is_answered() -> None:
    service = Service(*[Unavailable("full")] * 30)
    assert Retrier(PATIENT).call(service) == "answer"
    assert service.calls == 31


def test_a_service_that_stays_away_longer_than_the_time_ends_it() -> None:
    start = time.monotonic()
    policy = RetryPolicy(retries=None, seconds=0.1, first_pause=0.001, longest_pause=0.001)
    with pytest.raises(Unavailable, match="full"):
        Retrier(policy).call(Service(*[Unavailable("full")] * 100_000))
    assert time.monotonic() - start < 5


def test_other_errors_are_not_repeated() -> None:
    service = Service(BadPhoto("no photo"))
    with pytest.raises(BadPhoto):
        Retrier(PATIENT).call(service)
    assert service.calls == 1


def test_what_is_never_answered_in_time_is_given_up() -> None:
    service = Service(*[DeadlineExceeded("slow")] * 10)
    with pytest.raises(DeadlineExceeded):
        Retrier(PATIENT).call(service)
    assert service.calls == 3


def test_a_timeout_between_refusals_does_not_count_towards_giving_up() -> None:
    errors: list[Callable[[str], SeamlineError]] = [DeadlineExceeded, DeadlineExceeded, Unavailable] * 3
    assert Retrier(PATIENT).call(Service(*(error("busy") for error in errors))) == "answer"


def test_few_repetitions_are_made_until_a_first_call_has_succeeded() -> None:
    retrier = Retrier(RetryPolicy(retries=9, first_retries=1, first_pause=0.001))
    service = Service(*[Unavailable("full")] * 9)
    with pytest.raises(Unavailable):
        retrier.call(service)
    assert service.calls == 2
    service.errors.clear()
    retrier.call(service)
    service.errors.extend([Unavailable("full")] * 9)
    assert retrier.call(service) == "answer"


def test_repeating_ends_when_it_is_stopped() -> None:
    retrier, service = Retrier(PATIENT), Service(*[Unavailable("full")] * 10)
    retrier.stop()
    with pytest.raises(Unavailable):
        retrier.call(service)
    assert service.calls == 1


def test_what_is_waited_for_is_told_meanwhile() -> None:
    retrier = Retrier(dataclasses.replace(PATIENT, first_pause=60.0, longest_pause=60.0, seconds=600.0))

    def call() -> None:
        with contextlib.suppress(Unavailable):
            retrier.call(Service(Unavailable("is away")))

    caller = threading.Thread(target=call)
    caller.start()
    while not retrier.waiting_for and caller.is_alive():
        time.sleep(0.001)
    assert retrier.waiting_for == "is away"
    retrier.stop()
    caller.join(10)
    assert retrier.waiting_for == ""


def test_with_a_time_of_its_own_the_policy_gives_every_attempt_the_clients_timeout(
    server: WireServer, photo: bytes
) -> None:
    server.delay = 0.5
    policy = RetryPolicy(retries=None, seconds=30.0, timeouts=2, first_pause=0.01)
    with Client(server.address, timeout=0.1, retries=policy) as client, pytest.raises(DeadlineExceeded):
        client.embed(photo)
    assert len(server.calls) == 2


def test_a_closed_client_repeats_nothing(server: WireServer, photo: bytes) -> None:
    server.failures.append((grpc.StatusCode.UNAVAILABLE, "the index does not answer"))
    client = Client(server.address, retries=RetryPolicy(retries=None, seconds=60.0))
    client.close()
    with pytest.raises(Unavailable, match="closed"):
        client.embed(photo)
