"""Runs that are killed at random moments, over and over: at the end no garment is lost and none is doubled."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seamline.index import Index
from tests.catalogue.conftest import write

if TYPE_CHECKING:
    from seamline.local import LocalServer

ROOT = Path(__file__).parents[2]


def killed_after(program: Sequence[str], seconds: float, environment: dict[str, str]) -> bool:
    """Run the program and kill it after some seconds; whether it was still running then."""
    process = subprocess.Popen(program, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def test_a_run_that_is_killed_again_and_again_loses_and_doubles_nothing(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(150):
        write(folder / f"{number:03}.jpg", f"{number} ".encode() + b"g" * (number % 4))
    program = [sys.executable, "-m", "tests.support.indexing_process", str(folder), index.uri, str(tmp_path / "j")]
    chance, kills = random.Random(7), 0
    while kills < 4:
        process = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = process.stdout.readline()  # imports take most of a short run; only what comes after them counts
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.communicate()
        kills += bool(told)
    subprocess.run(program, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    collection = index.open("killed")
    assert collection.rows() == len(set(collection.all_keys())) == sum(number % 4 for number in range(150))


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_command_killed_20_times_ends_as_an_undisturbed_run_does(
    server: LocalServer, photos: Path, tmp_path: Path
) -> None:
    assert server.endpoints is not None
    chosen = random.Random(0).sample(sorted(photos.rglob("*.jpg")), 300)
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in chosen:
        shutil.copy2(photo, folder)
    environment = os.environ | {
        "SEAMLINE_HOME": str(tmp_path / "home"),
        "SEAMLINE_URL": server.endpoints.grpc,
        "SEAMLINE_MILVUS_URI": server.endpoints.milvus,
    }
    command = [str(Path(sys.executable).with_name("seamline")), "index", str(folder), "--collection"]
    subprocess.run([*command, "undisturbed"], env=environment, check=True, capture_output=True)
    chance, kills = random.Random(20), 0
    for _ in range(20):
        kills += killed_after([*command, "disturbed"], chance.uniform(0.5, 4.0), environment)
    subprocess.run([*command, "disturbed"], env=environment, check=True, capture_output=True)
    index = Index(server.endpoints.milvus)
    found = {name: list(index.open(name).all_keys()) for name in ("undisturbed", "disturbed")}
    index.close()
    assert kills == 20
    assert len(found["disturbed"]) == len(set(found["disturbed"]))
    assert set(found["disturbed"]) == set(found["undisturbed"])
