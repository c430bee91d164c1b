from __future__ import annotations

import random
import threading
import time

import pytest

from seamline.spark.ordered import in_order


def test_results_come_in_the_order_of_what_they_are_called_for() -> None:
    def late(number: int) -> int:
        time.sleep(random.Random(number).uniform(0, 0.01))
        return number * 2

    assert list(in_order(late, range(50), 4)) == [number * 2 for number in range(50)]


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

    list(in_order(count, range(30), 3))

    assert most == 3


def test_things_are_read_only_a_little_ahead() -> None:
    read = []

    def things() -> object:
        for number in range(1000):
            read.append(number)
            yield number

    results = in_order(lambda number: number, things(), 2)  # type: ignore[arg-type]
    assert next(results) == 0

    assert len(read) < 20
    results.close()


def test_an_error_is_raised_in_its_turn() -> None:
    def fail_at_three(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return number

    results = in_order(fail_at_three, range(10), 2)

    assert [next(results), next(results), next(results)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)
