from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from seamline.client import Client
from seamline.client.many import in_given_order
from seamline.core.errors import (
    BadOption,
    BadPhoto,
    DeadlineExceeded,
    FingerprintMismatch,
    InvalidArgument,
    NotFound,
    SeamlineError,
    Unavailable,
)
from tests.support.wire_server import WireServer


@pytest.fixture
def folder(tmp_path: Path, photo: bytes) -> list[Path]:
    paths = [tmp_path / f"{number}.jpg" for number in range(12)]
    for path in paths:
        path.write_bytes(photo)
    return paths


def test_every_photo_is_embedded_once_with_several_in_flight(
    server: WireServer, client: Client, folder: list[Path]
) -> None:
    server.delay = 0.05
    outcomes = list(client.embed_many(folder, in_flight=4))
    assert sorted(outcome.path for outcome in outcomes) == sorted(folder)
    assert all(outcome.embedded and outcome.embedded.garments and outcome.error is None for outcome in outcomes)
    assert len(server.calls) == 12
    assert 2 <= server.most_busy <= 4


def test_a_photo_that_fails_does_not_stop_the_others(client: Client, folder: list[Path], tmp_path: Path) -> None:
    (tmp_path / "3.jpg").write_bytes(b"not a photo")
    (tmp_path / "5.jpg").unlink()
    failed = {outcome.path.name: outcome.error for outcome in client.embed_many(folder) if outcome.error}
    assert set(failed) == {"3.jpg", "5.jpg"}
    assert isinstance(failed["3.jpg"], InvalidArgument)
    assert str(failed["3.jpg"]) == "the file is not a JPEG, PNG or WebP photo"
    assert isinstance(failed["5.jpg"], BadPhoto)


def test_a_photo_that_times_out_is_that_photos_failure(server: WireServer, folder: list[Path]) -> None:
    server.delay = 0.5
    with Client(server.address, timeout=0.1) as client:
        outcomes = list(client.embed_many(folder[:2]))
    assert all(isinstance(outcome.error, DeadlineExceeded) for outcome in outcomes)


def test_an_unavailable_server_ends_the_iteration(server: WireServer, folder: list[Path]) -> None:
    server.failures.extend([(grpc.StatusCode.UNAVAILABLE, "the index does not answer")] * 99)
    with Client(server.address, retries=0) as client, pytest.raises(Unavailable):
        list(client.embed_many(folder, in_flight=2))
    assert len(server.calls) <= 4


def test_paths_are_read_only_as_far_as_needed(client: Client, folder: list[Path]) -> None:
    taken = itertools.count()

    def endless() -> Iterator[Path]:
        while True:
            next(taken)
            yield folder[0]

    outcomes = client.embed_many(endless(), in_flight=3)
    for _ in range(5):
        next(outcomes)
    assert next(taken) <= 5 + 3 + 3
    outcomes.close()  # type: ignore[attr-defined]


def test_stopping_early_does_not_wait_for_calls_under_way(server: WireServer, folder: list[Path], photo: bytes) -> None:
    with Client(server.address, timeout=30) as client:
        outcomes = client.embed_many(folder, in_flight=2)
        next(outcomes)
        server.delay = 3.0
        begun = time.monotonic()
        outcomes.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 1


def test_nothing_to_do_yields_nothing(client: Client) -> None:
    assert list(client.embed_many([])) == []


def test_at_least_one_request_must_be_in_flight(client: Client, folder: list[Path]) -> None:
    with pytest.raises(BadOption, match="at least 1"):
        client.embed_many(folder, in_flight=0)


def late(number: int) -> int:
    time.sleep(random.Random(number).uniform(0, 0.01))
    return number * 2


def test_results_may_come_in_the_order_of_what_they_are_called_for() -> None:
    found = [(done.given, done.result) for done in in_given_order(late, range(50), 4)]
    assert found == [(number, number * 2) for number in range(50)]


def test_no_more_calls_run_at_a_time_than_may_be_in_flight() -> None:
    lock, busy, most = threading.Lock(), 0, 0

    def count(number: int) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.005)
        with lock:
            busy -= 1

    list(in_given_order(count, range(30), 3))
    assert most == 3


def test_in_order_things_are_read_only_a_little_ahead() -> None:
    read = []

    def things() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    results = in_given_order(lambda number: number, things(), 2)
    assert next(results).result == 0
    assert len(read) < 20
    results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "error", [Unavailable("away"), FingerprintMismatch("other weights"), NotFound("no system"), ValueError("three")]
)
def test_an_error_that_concerns_all_is_raised_in_its_turn(error: Exception) -> None:
    def fail_at_three(number: int) -> int:
        if number == 3:
            raise error
        return number

    results = in_given_order(fail_at_three, range(10), 2)
    assert [next(results).result for _ in range(3)] == [0, 1, 2]
    with pytest.raises(type(error)):
        next(results)


@pytest.mark.parametrize("error", [BadPhoto("no photo"), DeadlineExceeded("too slow")])
def test_an_error_of_one_stands_in_its_place(error: SeamlineError) -> None:
    def fail_at_three(number: int) -> int:
        if number == 3:
            raise error
        return number

    found = [(done.result, done.error) for done in in_given_order(fail_at_three, range(5), 2)]
    assert found == [(0, None), (1, None), (2, None), (None, error), (4, None)]
