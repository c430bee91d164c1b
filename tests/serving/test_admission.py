from __future__ import annotations

import multiprocessing
import os
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import pytest

from seamline.core.errors import Busy
from seamline.serving import admission as admissions
from seamline.serving.admission import PATIENCE, SHORTEST_HOLD, Admission


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "admission"


def test_as_many_tickets_as_places_and_no_more(file: Path) -> None:
    admission = Admission(3, file)
    tickets = [admission.take(0.0) for _ in range(3)]
    assert sorted(ticket[0] for ticket in tickets) == [0, 1, 2]
    with pytest.raises(Busy):
        admission.take(0.0)
    admission.give_back(tickets[1])
    assert admission.take(0.0)[0] == 1


def test_by_default_a_place_for_each_processor_and_two_at_least(file: Path) -> None:
    admission = Admission(0, file)
    for _ in range(max(2, len(os.sched_getaffinity(0)))):
        admission.take(0.0)
    with pytest.raises(Busy):
        admission.take(0.0)


def test_a_lost_place_falls_free_and_its_late_owner_takes_it_from_nobody(file: Path) -> None:
    admission = Admission(1, file)
    lost = admission.take(0.0)
    begin = time.monotonic()
    second = admission.take(3.0)
    assert time.monotonic() - begin > 0.8 * SHORTEST_HOLD
    admission.give_back(lost)
    with pytest.raises(Busy):
        admission.take(0.0)
    admission.give_back(second)
    assert admission.take(0.0)[0] == 0


def test_where_photos_take_long_a_place_is_held_longer(file: Path) -> None:
    admission = Admission(1, file)
    for _ in range(20):
        ticket = admission.take(1.0)
        time.sleep(0.1)
        admission.keep(ticket)
        admission.give_back(ticket)
    admission.take(0.0)
    with pytest.raises(Busy):
        admission.take(1.5 * SHORTEST_HOLD)


def test_what_was_written_before_the_machine_started_again_holds_no_place(file: Path) -> None:
    file.write_bytes(np.full(3 * 1024 + 2, time.monotonic() + 1e6).tobytes())
    assert Admission(1, file).take(0.0)[0] == 0


@pytest.mark.parametrize(
    "ticket", [[-1.0, 5.0], [1e6, 5.0], [0.0, 5.0], [0.0, np.nan], [np.nan, 1.0], [np.inf, 1.0], [0.0, -1e9]]
)
def test_a_ticket_that_was_never_given_frees_nothing(file: Path, ticket: list[float]) -> None:
    admission = Admission(1, file)
    admission.take(0.0)
    admission.keep(np.array(ticket))
    admission.give_back(np.array(ticket))
    with pytest.raises(Busy):
        admission.take(0.0)


def test_a_made_up_ticket_does_not_keep_lost_places_from_falling_free(file: Path) -> None:
    admission = Admission(1, file)
    for made_up in ([0.0, np.nan], [0.0, -1e9]):
        admission.keep(np.array(made_up))
        admission.give_back(np.array(made_up))
    admission.take(0.0)
    assert admission.take(1.0)[0] == 0


def test_while_jobs_hold_places_there_is_one_more_for_others(file: Path) -> None:
    admission = Admission(2, file)
    own = admission.take(0.0)
    with pytest.raises(Busy):
        [admission.take(0.0) for _ in range(2)]
    admission.give_back(own)
    job = admission.take(PATIENCE)
    assert job[0] == own[0]
    person = admission.take(0.0)
    with pytest.raises(Busy):
        admission.take(0.0)
    admission.give_back(job)
    admission.give_back(person)


def come_and_go(file: Path, log: Path, times: int, start: Barrier) -> None:
    admissions.SHORTEST_HOLD = 30.0  # a machine that is busy for a moment must not free a place
    admission = Admission(2, file)
    start.wait()
    with log.open("ab", buffering=0) as inside:
        for _ in range(times):
            ticket = admission.take()
            inside.write(b"+")
            time.sleep(0.001)
            inside.write(b"-")
            admission.give_back(ticket)


def test_processes_share_the_places(file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    workers = [context.Process(target=come_and_go, args=(file, log, 40, start)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    inside = np.cumsum([1 if sign == ord("+") else -1 for sign in log.read_bytes()])
    assert len(inside) == 240
    assert inside.max() == 2
    assert inside[-1] == 0
