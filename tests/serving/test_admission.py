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


def test_as_many_leases_as_places_and_no_more(file: Path) -> None:
    admission = Admission(3, file)
    leases = [admission.acquire(0.0) for _ in range(3)]
    assert sorted(lease[0] for lease in leases) == [0, 1, 2]
    with pytest.raises(Busy):
        admission.acquire(0.0)
    admission.release(leases[1])
    assert admission.acquire(0.0)[0] == 1


def test_by_default_a_place_for_each_processor_and_two_at_least(file: Path) -> None:
    admission = Admission(0, file)
    for _ in range(max(2, len(os.sched_getaffinity(0)))):
        admission.acquire(0.0)
    with pytest.raises(Busy):
        admission.acquire(0.0)


def test_a_lost_place_falls_free_and_its_late_owner_takes_it_from_nobody(file: Path) -> None:
    admission = Admission(1, file)
    lost = admission.acquire(0.0)
    begin = time.monotonic()
    second = admission.acquire(3.0)
    assert time.monotonic() - begin > 0.8 * SHORTEST_HOLD
    admission.release(lost)
    with pytest.raises(Busy):
        admission.acquire(0.0)
    admission.release(second)
    assert admission.acquire(0.0)[0] == 0


def test_where_photos_take_long_a_place_is_held_longer(file: Path) -> None:
    admission = Admission(1, file)
    for _ in range(20):
        lease = admission.acquire(1.0)
        time.sleep(0.1)
        admission.renew(lease)
        admission.release(lease)
    admission.acquire(0.0)
    with pytest.raises(Busy):
        admission.acquire(1.5 * SHORTEST_HOLD)


def test_what_was_written_before_the_machine_started_again_holds_no_slot(file: Path) -> None:
    file.write_bytes(np.full(3 * 1024 + 2, time.monotonic() + 1e6).tobytes())
    assert Admission(1, file).acquire(0.0)[0] == 0


@pytest.mark.parametrize(
    "lease", [[-1.0, 5.0], [1e6, 5.0], [0.0, 5.0], [0.0, np.nan], [np.nan, 1.0], [np.inf, 1.0], [0.0, -1e9]]
)
def test_a_lease_that_was_never_given_frees_nothing(file: Path, lease: list[float]) -> None:
    admission = Admission(1, file)
    admission.acquire(0.0)
    admission.renew(np.array(lease))
    admission.release(np.array(lease))
    with pytest.raises(Busy):
        admission.acquire(0.0)


def test_a_made_up_lease_does_not_keep_lost_places_from_falling_free(file: Path) -> None:
    admission = Admission(1, file)
    for made_up in ([0.0, np.nan], [0.0, -1e9]):
        admission.renew(np.array(made_up))
        admission.release(np.array(made_up))
    admission.acquire(0.0)
    assert admission.acquire(1.0)[0] == 0


def test_while_jobs_hold_places_there_is_one_more_for_others(file: Path) -> None:
    admission = Admission(2, file)
    own = admission.acquire(0.0)
    with pytest.raises(Busy):
        [admission.acquire(0.0) for _ in range(2)]
    admission.release(own)
    job = admission.acquire(PATIENCE)
    assert job[0] == own[0]
    person = admission.acquire(0.0)
    with pytest.raises(Busy):
        admission.acquire(0.0)
    admission.release(job)
    admission.release(person)


def come_and_go(file: Path, log: Path, times: int, start: Barrier) -> None:
    admissions.SHORTEST_HOLD = 30.0  # a machine that is busy for a moment must not free a slot
    admission = Admission(2, file)
    start.wait()
    with log.open("ab", buffering=0) as inside:
        for _ in range(times):
            lease = admission.acquire()
            inside.write(b"+")
            time.sleep(0.001)
            inside.write(b"-")
            admission.release(lease)


def test_processes_share_the_slots(file: Path, tmp_path: Path) -> None:
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
