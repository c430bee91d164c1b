from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from seamline.client import Embedded
from seamline.core.errors import BadPhoto, DeadlineExceeded, SeamlineError, Unavailable
from seamline.spark import patience
from seamline.spark.patience import embed_patiently

ANSWER = Embedded((), (1, 1), "", None)  # type: ignore[arg-type]


class Server:
    """Answers with these errors first."""

    def __init__(self, *errors: SeamlineError) -> None:
        self.errors = list(errors)
        self.calls = 0

    def embed(self, photo: bytes) -> Embedded:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return ANSWER


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "pause_before", lambda attempt: 0.001)


def embed(server: Server, seconds: float = 10.0, stopped: threading.Event | None = None) -> Embedded:
    return embed_patiently(server, b"photo", seconds, stopped or threading.Event())


def test_a_photo_that_was_refused_is_asked_for_again_until_it_is_answered() -> None:
    server = Server(*[Unavailable("full")] * 30)

    assert embed(server) is ANSWER
    assert server.calls == 31


def test_a_server_that_stays_away_longer_than_the_patience_ends_it() -> None:
    start = time.monotonic()
    with pytest.raises(Unavailable, match="full"):
        embed(Server(*[Unavailable("full")] * 100_000), seconds=0.1)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("error", [BadPhoto("no photo")])
def test_what_the_server_says_of_the_photo_is_not_repeated(error: SeamlineError) -> None:
    server = Server(error)
    with pytest.raises(BadPhoto):
        embed(server)
    assert server.calls == 1


def test_a_photo_that_is_never_answered_in_time_is_given_up() -> None:
    server = Server(*[DeadlineExceeded("slow")] * 10)
    with pytest.raises(DeadlineExceeded):
        embed(server)
    assert server.calls == 3


def test_a_timeout_between_refusals_is_not_held_against_the_photo() -> None:
    errors: list[Callable[[str], SeamlineError]] = [DeadlineExceeded, DeadlineExceeded, Unavailable] * 3
    server = Server(*(error("busy") for error in errors))

    assert embed(server) is ANSWER


def test_waiting_ends_when_the_task_does() -> None:
    stopped = threading.Event()
    stopped.set()
    server = Server(*[Unavailable("full")] * 10)
    with pytest.raises(Unavailable):
        embed(server, stopped=stopped)
    assert server.calls == 1
