"""The example that sends as much as a shared server takes."""

from __future__ import annotations

import importlib.util
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seamline.core.errors import BadPhoto, DeadlineExceeded, Unavailable

EXAMPLE = Path(__file__).parents[2] / "clients" / "examples" / "share_the_server.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    specification = importlib.util.spec_from_file_location("share_the_server", EXAMPLE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Crowded:
    """A server that answers `room` requests at a time, and refuses more."""

    def __init__(self, room: int, error: Exception | None = None) -> None:
        self.room, self.error = room, error or Unavailable("the queue is full")
        self.running = self.answered = self.refused = 0
        self._lock = threading.Lock()

    def embed(self, photo: Path) -> Path:
        with self._lock:
            self.running += 1
            full = self.running > self.room
        try:
            time.sleep(0 if full else 0.005)
            if full:
                raise self.error
            return photo
        finally:
            with self._lock:
                self.running -= 1
                self.refused += full
                self.answered += not full


def send(example: ModuleType, server: Any, photos: int, most: int) -> tuple[list[Path], Any]:
    in_flight = example.InFlight(most)
    with ThreadPoolExecutor(most) as pool:
        names = [Path(str(number)) for number in range(photos)]
        return list(pool.map(lambda photo: example.embed(server, photo, in_flight, 30), names)), in_flight


def test_every_photo_is_answered_although_the_server_refuses_some(example: ModuleType) -> None:
    server = Crowded(room=3)
    answers, in_flight = send(example, server, photos=120, most=16)
    assert answers == [Path(str(number)) for number in range(120)]
    assert server.answered == 120
    assert 0 < server.refused < 120
    assert in_flight.allowed < 16


def test_a_server_with_room_gets_as_many_as_are_allowed(example: ModuleType) -> None:
    server = Crowded(room=100)
    _, in_flight = send(example, server, photos=60, most=4)
    assert server.refused == 0
    assert in_flight.allowed == 4


def test_no_more_are_in_flight_than_allowed(example: ModuleType) -> None:
    in_flight = example.InFlight(8)
    inside, most, lock = 0, 0, threading.Lock()

    def one(_: int) -> None:
        nonlocal inside, most
        with in_flight.one():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.005)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(12)))
    assert most == 1


@pytest.mark.parametrize("error", [BadPhoto("no photo"), DeadlineExceeded("too slow")])
def test_what_repeating_does_not_mend_is_not_repeated(example: ModuleType, error: Exception) -> None:
    server = Crowded(room=0, error=error)
    with pytest.raises(type(error)):
        example.embed(server, Path("a"), example.InFlight(4), attempts=5)
    assert server.refused == 1


def test_a_server_that_refuses_all_attempts_is_an_error(example: ModuleType) -> None:
    server = Crowded(room=0)
    with pytest.raises(Unavailable):
        example.embed(server, Path("a"), example.InFlight(4), attempts=3)
    assert server.refused == 3
