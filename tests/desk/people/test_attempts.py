"""How often something may be tried."""

from __future__ import annotations

from seamline.desk.people.attempts import Attempts


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_tries_run_out_and_come_back_one_by_one() -> None:
    clock = Clock()
    attempts = Attempts(3, 32.0, clock)
    assert [attempts.take("anna") for _ in range(4)] == [0, 0, 0, 32]
    assert attempts.take("ben") == 0
    clock.now += 24
    assert attempts.take("anna") == 8
    clock.now += 8
    assert [attempts.take("anna") for _ in range(2)] == [0, 32]
    clock.now += 10_000
    assert [attempts.take("anna") for _ in range(4)] == [0, 0, 0, 32]


def test_a_try_that_does_not_count_is_given_back() -> None:
    attempts = Attempts(1, 30.0, Clock())
    for _ in range(5):
        assert attempts.take("anna") == 0
        attempts.give_back("anna")
    attempts.give_back("anna")
    assert [attempts.take("anna") > 0 for _ in range(2)] == [False, True]


def test_no_more_keys_are_remembered_than_are_wanted_and_the_busiest_stay() -> None:
    attempts = Attempts(1, 30.0, Clock(), most=100)
    attempts.take("anna")
    for number in range(1000):
        attempts.take(f"name {number}")
        assert attempts.take("anna") > 0
    assert len(attempts._buckets) == 100
