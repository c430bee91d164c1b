from __future__ import annotations

import multiprocessing
import os
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import pytest

from seamline.core.errors import BadLease, Busy, DeadlineExceeded, InternalError
from seamline.serving import admission as admissions
from seamline.serving.admission import LONGEST_HOLD, PATIENCE, SHORTEST_HOLD, Admission
from seamline.serving.admission_file import MOST_SLOTS, MOST_STEPS, AdmissionFile
from seamline.serving.lease import LEASE_BYTES, Lease
from seamline.serving.progress import Cost


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "admission"


def test_as_many_leases_as_places_and_no_more(file: Path) -> None:
    admission = Admission(3, file)
    leases = [admission.acquire(0.0) for _ in range(3)]
    assert sorted(lease.slot for lease in leases) == [0, 1, 2]
    with pytest.raises(Busy):
        admission.acquire(0.0)
    admission.release(leases[1])
    assert admission.acquire(0.0).slot == 1


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
    assert time.monotonic() - begin > 0.8 * SHORTEST_HOLD[0]
    admission.release(lost)
    with pytest.raises(Busy):
        admission.acquire(0.0)
    admission.release(second)
    assert admission.acquire(0.0).slot == 0


def test_where_photos_take_long_a_place_is_held_longer(file: Path) -> None:
    admission = Admission(1, file)
    for number in range(20):
        lease = admission.acquire(1.0)
        time.sleep(0.1)
        admission.enter(lease, admission.step_bit("crop"), is_middle=True)
        admission.release(lease, arrived=number % 2 == 0)
    admission.acquire(0.0)
    with pytest.raises(Busy):
        admission.acquire(1.5 * SHORTEST_HOLD[0])


def test_nobody_can_teach_that_a_place_has_to_be_held_for_long(file: Path) -> None:
    admission, hour = Admission(1, file), time.monotonic() - 3600
    for _ in range(200):
        old = Lease(0, hour, hour + 1)
        with pytest.raises(DeadlineExceeded):
            admission.enter(old, admission.step_bit("crop"), is_middle=True)
        admission.release(old)
    admission.acquire(0.0)
    begin = time.monotonic()
    admission.acquire(LONGEST_HOLD[0] + 1)
    assert time.monotonic() - begin < LONGEST_HOLD[0] + 0.5
    assert AdmissionFile(file).usual.max() <= max(LONGEST_HOLD)


def test_a_photo_that_is_late_goes_on_beside_the_one_that_got_its_place_and_passes_each_step_once(file: Path) -> None:
    admission = Admission(1, file)
    late = admission.acquire(0.0)
    crop = admission.step_bit("crop")
    admission.enter(late, crop)
    second = admission.acquire(3.0)
    admission.renew(late)
    with pytest.raises(BadLease, match="once"):
        admission.enter(late, crop)
    admission.enter(second, crop)
    admission.release(late)
    with pytest.raises(Busy):
        admission.acquire(0.0)


def test_of_more_late_photos_than_are_remembered_the_first_are_forgotten(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admissions, "SHORTEST_HOLD", (0.0, 0.0))
    admission = Admission(1, file)
    late = [admission.acquire(0.0) for _ in range(MOST_SLOTS + 1)]
    admission.enter(late[-1], admission.step_bit("crop"))
    admission.enter(late[1], admission.step_bit("crop"))
    with pytest.raises(Busy, match="took too long"):
        admission.enter(late[0], admission.step_bit("crop"))


def test_what_another_start_of_the_server_wrote_is_forgotten(file: Path) -> None:
    file.write_bytes(np.full(8 * 1024, time.monotonic() + 1e6).tobytes())
    assert Admission(1, file).acquire(0.0).slot == 0
    assert AdmissionFile(file).usual.max() == 0


def test_another_start_of_the_server_signs_with_another_key(file: Path) -> None:
    first = Admission(1, file)
    tensor = first.tensor(first.acquire(0.0))
    assert Admission(1, file).lease(tensor).slot == 0
    file.write_bytes(b"another server's" + file.read_bytes()[16:])
    with pytest.raises(BadLease):
        Admission(1, file).lease(tensor)


def test_the_file_is_its_owners_alone_and_no_link(file: Path) -> None:
    file.touch(0o666)
    Admission(1, file)
    assert file.stat().st_mode & 0o777 == 0o600
    link = file.with_name("link")
    link.symlink_to(file)
    with pytest.raises(OSError, match="link"):
        Admission(1, link)


FORGERIES = {
    "none": None,
    "two numbers": np.array([0.0, 1.0]),
    "zeros": np.zeros(LEASE_BYTES, np.uint8),
    "too short": np.zeros(8, np.uint8),
    "empty": np.zeros(0, np.uint8),
    "another key": Lease(0, 1.0, 2.0).signed(bytes(32)),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_made_up_lease_is_refused(file: Path, name: str) -> None:
    with pytest.raises(BadLease, match="send the photo to embed or search"):
        Admission(1, file).lease(FORGERIES[name])


@pytest.mark.parametrize("byte", range(LEASE_BYTES))
def test_a_lease_of_which_a_byte_was_changed_is_refused(file: Path, byte: int) -> None:
    admission = Admission(1, file)
    tensor = admission.tensor(admission.acquire(0.0))
    tensor[byte] ^= 1
    with pytest.raises(BadLease):
        admission.lease(tensor)


def test_a_lease_comes_back_as_it_was_signed(file: Path) -> None:
    admission = Admission(1, file)
    lease = admission.acquire(0.0, timeout=12.0)
    assert admission.lease(admission.tensor(lease)) == lease
    assert lease.deadline - lease.acquired == pytest.approx(12.0, abs=0.1)


def test_a_photo_passes_a_step_once(file: Path) -> None:
    admission = Admission(1, file)
    lease = admission.acquire(0.0)
    for step in ("crop", "region_pool", "trim"):
        admission.enter(lease, admission.step_bit(step))
    with pytest.raises(BadLease, match="once"):
        admission.enter(lease, admission.step_bit("crop"))
    with pytest.raises(Busy):
        admission.acquire(0.0)


def test_a_photo_whose_lease_has_ended_is_refused(file: Path) -> None:
    admission = Admission(1, file)
    lost = admission.acquire(0.0)
    admission.release(lost, arrived=False)
    admission.acquire(0.0)
    for ask in (lambda: admission.enter(lost, admission.step_bit("crop")), lambda: admission.renew(lost)):
        with pytest.raises(Busy, match="took too long"):
            ask()


def test_a_photo_for_which_nobody_waits_is_refused(file: Path) -> None:
    admission = Admission(1, file)
    lease = admission.acquire(0.0, timeout=0.02)
    time.sleep(0.03)
    for ask in (lambda: admission.enter(lease, admission.step_bit("crop")), lambda: admission.renew(lease)):
        with pytest.raises(DeadlineExceeded):
            ask()


def test_a_step_has_the_same_bit_in_every_process_and_no_other_has_it(file: Path) -> None:
    first, second = Admission(1, file), Admission(1, file)
    bits = [int(first.step_bit(f"step {number}")) for number in range(MOST_STEPS)]
    assert len(set(bits)) == MOST_STEPS
    assert [int(second.step_bit(f"step {number}")) for number in reversed(range(MOST_STEPS))] == bits[::-1]
    with pytest.raises(InternalError, match="at most"):
        first.step_bit("one more")


def test_while_jobs_hold_places_there_is_one_more_for_others(file: Path) -> None:
    admission = Admission(2, file)
    own = admission.acquire(0.0)
    with pytest.raises(Busy):
        [admission.acquire(0.0) for _ in range(2)]
    admission.release(own)
    job = admission.acquire(PATIENCE)
    assert job.slot == own.slot
    person = admission.acquire(0.0)
    with pytest.raises(Busy):
        admission.acquire(0.0)
    admission.release(job)
    admission.release(person)


LARGE, COSTLY = Cost.LARGE_PHOTO, Cost.COSTLY_SEARCH


def test_dear_photos_are_few_and_leave_their_places_to_others(file: Path) -> None:
    admission = Admission(1, file)
    dear = admission.acquire(0.0)
    admission.claim(dear, LARGE, most=1, patience=0.0)
    second = admission.acquire(0.0)
    with pytest.raises(Busy, match="many garments"):
        admission.claim(second, LARGE, most=1, patience=0.02)
    with pytest.raises(Busy):
        admission.acquire(0.0)
    admission.renew(second)
    admission.claim(second, COSTLY, most=1, patience=0.0)
    third = admission.acquire(0.0)
    with pytest.raises(Busy):
        admission.claim(dear, COSTLY, most=1, patience=0.0)
    for lease in (dear, second, third):
        admission.release(lease)
    assert admission.acquire(0.0).slot == 0
    admission.claim(admission.acquire(1.0), LARGE, most=1, patience=0.0)


def test_a_photo_is_claimed_to_be_dear_once(file: Path) -> None:
    admission = Admission(1, file)
    lease = admission.acquire(0.0)
    for cost in (LARGE, LARGE, COSTLY, COSTLY, LARGE):
        admission.claim(lease, cost, most=1, patience=0.0)


def test_large_photos_of_jobs_are_counted_as_the_others(file: Path) -> None:
    admission = Admission(2, file)
    jobs = [admission.acquire(PATIENCE) for _ in range(2)]
    for job in jobs:
        admission.claim(job, LARGE, most=1, patience=0.0)
    admission.acquire(0.0)
    with pytest.raises(Busy):
        admission.acquire(0.0)


def test_how_long_dear_photos_take_is_not_learnt(file: Path) -> None:
    admission = Admission(1, file)
    for _ in range(3):
        lease = admission.acquire(0.0)
        admission.claim(lease, LARGE, most=1, patience=0.0)
        time.sleep(0.05)
        admission.release(lease)
    assert AdmissionFile(file).usual[1] == 0


def test_a_photo_that_lost_its_slot_cannot_be_dear(file: Path) -> None:
    admission = Admission(1, file)
    lost = admission.acquire(0.0)
    admission.release(lost, arrived=False)
    with pytest.raises(Busy, match="took too long"):
        admission.claim(lost, COSTLY, most=1, patience=0.0)


def come_and_go(file: Path, log: Path, times: int, start: Barrier) -> None:
    # A machine that is busy for a moment must not free a slot.
    admissions.SHORTEST_HOLD = admissions.LONGEST_HOLD = (30.0, 30.0)
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
