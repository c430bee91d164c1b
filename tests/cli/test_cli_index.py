"""`index` and `collections` against the real Milvus Lite, with the wire server in Triton's place."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from seamline.catalogue import Failure, Progress
from seamline.cli import indexing
from tests.cli.conftest import Run
from tests.support.milvus_lite import milvus_lite
from tests.support.photos import jpeg
from tests.support.wire_server import WireServer


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as uri:
        yield uri


@pytest.fixture
def _index(milvus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", milvus)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    (place / "deeper").mkdir(parents=True)
    for number, colour in enumerate(("red", "green", "blue")):
        (place / "deeper" / f"{number}.jpg").write_bytes(jpeg((64, 64), colour))
    (place / "broken.png").write_bytes(b"no photo")
    return place


@pytest.mark.usefixtures("_index")
def test_a_folder_is_indexed_and_failures_are_listed_at_the_end(server: WireServer, run: Run, folder: Path) -> None:
    result = run("index", folder, "--collection", "first")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("first: 3 photos indexed with 3 garments in ")
    assert "broken.png" in lines[-1]
    assert "not a JPEG, PNG or WebP photo" in lines[-1]


@pytest.mark.usefixtures("_index")
def test_repeating_it_adds_nothing(server: WireServer, run: Run, folder: Path) -> None:
    run("index", folder, "--collection", "again")
    data = json.loads(run("index", folder, "--collection", "again", "--json").stdout)
    assert (data["photos"], data["indexed"], data["skipped"]) == (4, 0, 3)
    assert [Path(failure["photo"]).name for failure in data["failed"]] == ["broken.png"]
    listed = json.loads(run("collections", "--json").stdout)
    assert {"again": 3}.items() <= {entry["name"]: entry["garments"] for entry in listed}.items()


@pytest.mark.usefixtures("_index")
def test_an_outage_ends_with_4_and_the_next_run_goes_on(
    server: WireServer, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seamline.cli import index

    monkeypatch.setattr(index, "_RETRIES", 0)
    assert run("index", folder / "deeper", "--collection", "outage", "--in-flight", 1).exit_code == 0
    (folder / "deeper" / "9.jpg").write_bytes(jpeg((64, 64), "black"))
    server.failures.extend([(grpc.StatusCode.UNAVAILABLE, "the index does not answer")])
    result = run("index", folder / "deeper", "--collection", "outage", "--in-flight", 1)
    assert result.exit_code == 4
    result = run("index", folder / "deeper", "--collection", "outage", "--in-flight", 1, "--json")
    assert json.loads(result.stdout)["indexed"] == 1


@pytest.mark.usefixtures("_index")
def test_ctrl_c_keeps_what_is_indexed_and_the_next_run_goes_on(server: WireServer, run: Run, folder: Path) -> None:
    for number in range(30):
        (folder / f"more-{number}.jpg").write_bytes(jpeg((64, 64 + number), "white"))
    server.delay = 0.2
    words = ["index", str(folder), "--collection", "stopped", "--in-flight", "2"]
    # A shell's background jobs ignore SIGINT, and a child of the tests would inherit that.
    start = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from seamline.cli import app; app()"
    )
    program = [sys.executable, "-c", start, *words]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while len(server.calls) < 6 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout) == (130, "")
    assert stderr == "stopped; what was indexed is kept. The same command goes on from here.\n"
    server.delay = 0.0
    data = json.loads(run(*words, "--json").stdout)
    assert data["skipped"] > 0
    assert data["indexed"] + data["skipped"] == 33


@pytest.mark.usefixtures("_index")
def test_other_weights_than_the_collections_are_refused(server: WireServer, run: Run, folder: Path) -> None:
    assert run("index", folder, "--collection", "older").exit_code == 0
    server.versions["fingerprint"] = "ffeeddccbbaa9988"
    result = run("index", folder, "--collection", "older")
    assert result.exit_code == 2
    assert "index the photos again into a new collection" in result.stderr


@pytest.mark.usefixtures("_index")
def test_nothing_to_index_is_1(server: WireServer, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("index", tmp_path / "empty").exit_code == 1
    (tmp_path / "empty" / "bad.jpg").write_bytes(b"bad")
    assert run("index", tmp_path / "empty").exit_code == 1


@pytest.mark.usefixtures("_index")
def test_bad_sources_and_names_are_2(server: WireServer, run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a")
    assert run("index", tmp_path / "none").exit_code == 2
    assert run("index", tmp_path / "list.txt").exit_code == 2
    assert run("index", folder, "--collection", "no-dashes").exit_code == 2


@pytest.mark.usefixtures("_index")
def test_collections_are_listed_and_dropped(server: WireServer, run: Run, folder: Path) -> None:
    run("index", folder, "--collection", "short_lived")
    assert "short_lived" in run("collections").stdout
    refused = run("collections", "drop", "short_lived")
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    assert run("collections", "drop", "short_lived", "--yes").exit_code == 0
    assert "short_lived" not in run("collections").stdout
    missing = run("collections", "drop", "short_lived", "--yes")
    assert (missing.exit_code, "does not exist" in missing.stderr) == (3, True)


def test_the_milvus_of_another_server_must_be_named(server: WireServer, run: Run, folder: Path) -> None:
    result = run("index", folder)
    assert result.exit_code == 2
    assert "--milvus" in result.stderr


def test_a_missing_index_is_4(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", "http://127.0.0.1:9")
    result = run("collections")
    assert result.exit_code == 4
    assert "Traceback" not in result.stderr


def test_progress_tells_rate_time_left_and_failures() -> None:
    progress = Progress(total=100, done=60, skipped=10, seconds=25.0)
    assert indexing.pace(progress) == "2.0/s"
    assert indexing.time_left(progress) == "0:20"
    progress.failures.append(Failure(Path("a"), "b"))
    assert indexing.pace(progress) == "2.0/s, 1 failed"
    assert indexing.time_left(Progress(total=5)) == "?"
