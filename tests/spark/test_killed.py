"""The launcher as a process of its own, which or whose executor is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seamline.spark.service import Service
from tests.spark.listing import Listing, files_of
from tests.spark.processes import executors, python_workers

if TYPE_CHECKING:
    from pyspark import SparkContext

PHOTOS, PARTS, IN_FLIGHT = 48, 8, 2


def launched(listing: Listing, out: Path, master: str = "local[2]") -> subprocess.Popen[str]:
    """The launcher, with the folder of `listing` for its temporary files."""
    command = [sys.executable, "-m", "seamline.spark", listing.manifest, out, "--url", listing.server.address]
    options = ["--master", master, "--partitions", str(PARTS), "--in-flight", str(IN_FLIGHT), "--json"]
    environment = os.environ | {"TMPDIR": str(listing.folder)}
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )


@pytest.mark.parametrize("kills", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_a_driver_killed_at_random_moments_loses_and_doubles_nothing(
    context: SparkContext, listing: Listing, tmp_path: Path, kills: int
) -> None:
    from seamline.spark.job import Job, embed_manifest

    listing.add(PHOTOS)
    listing.server.delay = 0.03
    chance, out = random.Random(), tmp_path / "out"

    for _ in range(kills):
        wanted = len(listing.server.calls) + chance.randint(2, PHOTOS // (kills + 1))
        driver = launched(listing, out)
        while driver.poll() is None and len(listing.server.calls) < wanted:
            time.sleep(0.002)
        assert driver.poll() is None, "the driver ended before it could be killed"
        os.kill(driver.pid, signal.SIGKILL)
        driver.communicate()
        assert not (out / "summary.json").exists()
    last = launched(listing, out)
    told = json.loads(last.communicate()[0])

    service = Service(listing.server.address)
    undisturbed = embed_manifest(context, Job(listing.manifest, str(tmp_path / "undisturbed"), service, PARTS))
    assert last.returncode == 0
    assert told["embedded"] + told["kept"] == undisturbed.embedded == PHOTOS
    assert told["garments"] == listing.garments
    assert files_of(out) == files_of(tmp_path / "undisturbed")
    assert not (out / "_attempts").exists()


@pytest.mark.slow
def test_an_executor_that_dies_with_its_python_loses_and_doubles_nothing(
    context: SparkContext, listing: Listing, tmp_path: Path
) -> None:
    """Executors are processes of their own here, as on a cluster, and end as in a container that is killed."""
    from seamline.spark.job import Job, embed_manifest

    listing.add(PHOTOS).server.delay = 1.0
    out = tmp_path / "out"

    driver = launched(listing, out, "local-cluster[2,1,1024]")
    while driver.poll() is None and listing.server.most_busy <= IN_FLIGHT:
        time.sleep(0.01)  # until both executors are in the middle of a partition
    busy = [process for process in executors(driver.pid) if python_workers(process)]
    for process in [*python_workers(busy[0]), busy[0]]:
        os.kill(process, signal.SIGKILL)
    told = json.loads(driver.communicate()[0])

    asked = len(listing.server.calls)
    listing.server.delay = 0.0
    embed_manifest(context, Job(listing.manifest, str(tmp_path / "alone"), Service(listing.server.address), PARTS))
    assert asked > PHOTOS + 1, "the executor died without work"
    assert (driver.returncode, told["embedded"] + told["kept"]) == (0, PHOTOS)
    assert files_of(out) == files_of(tmp_path / "alone")
