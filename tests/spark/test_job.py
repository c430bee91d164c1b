"""The job on a real Spark in local mode, with a stand-in for the server."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from seamline.core.errors import BadOption, FingerprintMismatch, InternalError, NotFound, Unavailable
from seamline.spark.service import Service
from tests.spark.listing import Listing, failures_of, files_of, garments_of
from tests.spark.processes import python_workers

if TYPE_CHECKING:
    from pyspark import SparkContext

    from seamline.spark.finalize import Summary


def run(context: SparkContext, listing: Listing, out: Path, partitions: int | None = None, **service: Any) -> Summary:
    from seamline.spark.job import Job, embed_manifest

    asked = Service(listing.server.address, **service)
    return embed_manifest(context, Job(listing.manifest, str(out), asked, partitions))


def test_every_garment_is_there_once_and_a_second_run_does_nothing(
    context: SparkContext, listing: Listing, tmp_path: Path
) -> None:
    listing.add(40)
    listing.rows += [{"item": None, "photo": "0.jpg", "seller": ""}, *listing.rows[:3]]
    out = tmp_path / "out"

    first = run(context, listing, out, 5)
    before, calls = files_of(out), len(listing.server.calls)
    second = run(context, listing, out)

    assert (first.rows, first.photos, first.embedded, first.kept, first.repeated, first.failed) == (44, 41, 40, 0, 3, 1)
    assert (second.embedded, second.kept, second.garments) == (0, 40, first.garments)
    assert len(listing.server.calls) == calls + 1  # the canary that tells the weights
    assert files_of(out) == before
    assert len(before) == 5
    keys = [row.key for row in garments_of(out)]
    assert len(keys) == len(set(keys)) == first.garments == sum(number % 3 for number in range(40))
    assert [row["place"] for row in failures_of(out)] == ["items.parquet, row 41"]


def test_parts_hold_what_one_process_makes_of_them(context: SparkContext, listing: Listing, tmp_path: Path) -> None:
    """The same rows as `seamline index` would store: item, photo, content, boxes, vectors, metadata."""
    from seamline.catalogue import open_source, rows_of
    from seamline.client import Client

    run(context, listing.add(12), tmp_path / "out", 3)

    expected = {}
    with Client(listing.server.address) as client:
        for item in open_source(listing.manifest):
            embedded = client.embed(item.photo)  # type: ignore[union-attr]
            expected |= {row.key: row for row in rows_of(item, embedded)}  # type: ignore[arg-type]
    found = {row.key: row for row in garments_of(tmp_path / "out")}
    assert found.keys() == expected.keys()
    for key, row in found.items():
        assert row.record == expected[key].record
        assert (row.vectors == expected[key].vectors).all()


def test_an_executors_python_that_is_killed_loses_and_doubles_nothing(
    context: SparkContext, listing: Listing, tmp_path: Path
) -> None:
    listing.add(40)
    run(context, listing, tmp_path / "undisturbed", 4)
    listing.server.delay, start = 0.02, len(listing.server.calls)
    killed: list[int] = []
    ended = threading.Event()

    def kill_now_and_then() -> None:
        while len(killed) < 2 and not ended.wait(0.01):
            if len(listing.server.calls) > start + 12 * (len(killed) + 1):
                process = python_workers(os.getpid())[0]
                os.kill(process, signal.SIGKILL)
                killed.append(process)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    summary = run(context, listing, tmp_path / "out", 4)
    ended.set()
    killer.join()

    assert len(killed) == 2
    assert summary.embedded == 40
    assert files_of(tmp_path / "out") == files_of(tmp_path / "undisturbed")


def test_a_server_that_refuses_now_and_then_slows_the_job_and_does_not_fail_it(
    context: SparkContext, listing: Listing, tmp_path: Path
) -> None:
    answer, refused = listing.server._answer, []

    def refuse_every_third(request: Any, call: Any) -> Any:
        if len(listing.server.calls) > 0 and (len(listing.server.calls) + len(refused)) % 3 == 0:
            refused.append(1)
            call.abort(grpc.StatusCode.UNAVAILABLE, "the queue is full")
        return answer(request, call)

    listing.server._answer = refuse_every_third  # type: ignore[method-assign]
    summary = run(context, listing.add(20), tmp_path / "out", 2)

    assert len(refused) > 6
    assert (summary.embedded, summary.failed) == (20, 0)


def test_a_server_that_stays_away_ends_the_job_with_its_own_sentence(
    context: SparkContext, listing: Listing, tmp_path: Path
) -> None:
    listing.add(8)
    out = tmp_path / "out"
    run(context, listing, out, 2)
    before = files_of(out)
    listing.show(1, seed=60)
    start, answer = len(listing.server.calls), listing.server._answer

    def refuse(request: Any, call: Any) -> Any:
        if len(listing.server.calls) > start:
            call.abort(grpc.StatusCode.UNAVAILABLE, "the queue is full")
        return answer(request, call)

    listing.server._answer = refuse  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match=r"^the queue is full$"):
        run(context, listing, out, retry_seconds=0.3)

    assert files_of(out) == before
    assert not (out / "summary.json").exists()


def test_a_state_that_a_given_up_attempt_put_in_place_is_put_right(
    context: SparkContext, listing: Listing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seamline.spark import job

    out = tmp_path / "out"
    run(context, listing.add(8), out, 2)
    old = files_of(out)
    listing.show(1, seed=60)
    counts = job._counts

    def overwritten_once(*given: Any) -> Any:
        for name, data in old.items():
            (out / "garments" / name).write_bytes(data)
        monkeypatch.setattr(job, "_counts", counts)
        return counts(*given)

    monkeypatch.setattr(job, "_counts", overwritten_once)
    summary = run(context, listing, out)

    assert files_of(out) != old
    assert summary.photos == 8
    content = hashlib.sha256((listing.folder / "1.jpg").read_bytes()).hexdigest()
    assert [row.photo_sha256 for row in garments_of(out) if row.photo.endswith("/1.jpg")] == [content]


def test_two_jobs_that_write_into_one_folder_are_told_so(
    context: SparkContext, listing: Listing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seamline.spark import job

    counts = job._counts
    monkeypatch.setattr(
        job, "_counts", lambda *given: [dataclasses.replace(one, commit="other") for one in counts(*given)]
    )
    with pytest.raises(InternalError, match="another job writes into the same folder"):
        run(context, listing.add(2), tmp_path / "out", 1)


def test_a_manifest_that_cannot_be_used_leaves_nothing_behind(
    context: SparkContext, listing: Listing, tmp_path: Path
) -> None:
    from seamline.spark.job import Job, embed_manifest

    listing.rows = [{"item": "1", "picture": "1.jpg"}]
    with pytest.raises(BadOption, match="the column photo is missing"):
        run(context, listing, tmp_path / "out")
    job = Job(tmp_path / "nothing.parquet", str(tmp_path / "out"), Service("127.0.0.1:1"))
    with pytest.raises(NotFound, match="does not exist"):
        embed_manifest(context, job)

    assert not (tmp_path / "out").exists()


def test_a_folder_that_another_run_would_spoil_is_refused(
    context: SparkContext, listing: Listing, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(context, listing.add(4), out, 2)

    with pytest.raises(BadOption, match="begun with 2 partitions"):
        run(context, listing, out, 3)
    listing.server.versions["fingerprint"] = "ffffffffffffffff"
    with pytest.raises(FingerprintMismatch, match="name another folder"):
        run(context, listing, out)
    with pytest.raises(BadOption, match="holds something else"):
        run(context, listing, listing.folder)
