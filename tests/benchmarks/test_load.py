"""The backends under load, from the recorded outputs of perf_analyzer to a whole quick run."""

from __future__ import annotations

import base64
import json
import struct
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.speed.load import analyzer, analyzer_install, fastapi_backends, machine, photo_set, unlimited
from benchmarks.speed.load.__main__ import main
from benchmarks.speed.load.analyzer import Analyzer
from benchmarks.speed.load.backend import LoadError
from benchmarks.speed.load.drive import drive
from benchmarks.speed.load.sample import Sample, cpu_time
from benchmarks.speed.load.triton_backends import ByThreads
from seamline.local import LocalServer
from seamline.local.process import supervised_processes
from seamline.local.repository import read_config
from seamline.serving.weights import Weights
from tests.support.garments import drawn, jpeg, nothing
from tests.support.repositories import MODEL_REPOSITORY

RECORDED = Path(__file__).with_name("perf_analyzer")


@pytest.fixture(scope="module")
def perf_analyzer() -> analyzer_install.Installed:
    try:
        return analyzer_install.installed(analyzer_install.default_folder())
    except LoadError as error:
        pytest.skip(f"perf_analyzer cannot be had: {error}")


@pytest.fixture(scope="module")
def garments() -> list[bytes]:
    return [jpeg(drawn(seed, 240).rgb) for seed in range(6)]


def test_latencies_are_those_that_perf_analyzer_recorded() -> None:
    sample = analyzer.read_record((RECORDED / "four_requests.record").read_bytes())
    assert sample.latencies == pytest.approx((142.807, 155.248, 359.909, 141.748), abs=0.001)


def test_throughput_is_counted_from_the_first_request_to_the_last_answer() -> None:
    sample = analyzer.read_record((RECORDED / "four_requests.record").read_bytes())
    assert sample.seconds == pytest.approx(0.501903, abs=1e-6)
    assert sample.throughput == pytest.approx(4 / 0.501903, rel=1e-5)


def test_a_request_without_an_answer_is_an_error() -> None:
    record = {"experiments": [{"requests": [{"timestamp": 1, "response_timestamps": []}]}]}
    with pytest.raises(LoadError, match="without an answer"):
        analyzer.read_record(json.dumps(record).encode())


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("refused.txt", "in ensemble 'embed', the bytes are not a JPEG, PNG or WebP photo"),
        ("unknown_model.txt", "error: failed to get model metadata: Request for unknown model: 'nosuch' is not found"),
    ],
)
def test_what_perf_analyzer_complained_of_is_one_sentence(file: str, said: str) -> None:
    assert analyzer.complaint((RECORDED / file).read_text()) == said
    assert analyzer.complaint("") == "it did not say why"


def test_photos_are_sent_with_their_length_in_front(tmp_path: Path) -> None:
    analyzer.write_inputs([b"one", b"three"], tmp_path / "photos.json")
    steps = json.loads((tmp_path / "photos.json").read_text())["data"]
    values = [base64.b64decode(step["IMAGE"]["content"]["b64"]) for step in steps]
    assert [struct.unpack("<I", value[:4])[0] for value in values] == [3, 5]
    assert [value[4:] for value in values] == [b"one", b"three"]


def test_our_client_sends_every_photo_equally_often_and_keeps_to_its_concurrency() -> None:
    asked: Counter[int] = Counter()
    running, most, lock = 0, 0, threading.Lock()

    def ask(photo: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            asked[photo] += 1
        time.sleep(0.01)
        with lock:
            running -= 1

    sample = drive([ask] * 3, photos=4, requests=12)
    assert asked == {0: 3, 1: 3, 2: 3, 3: 3}
    assert most == 3
    assert len(sample.latencies) == 12
    assert min(sample.latencies) >= 10
    assert 0.04 <= sample.seconds < 12 * 0.01
    assert sample.client_cpu < 10


def test_an_answer_that_fails_ends_the_measurement() -> None:
    def ask(photo: int) -> None:
        if photo == 2:
            raise LoadError("no answer")

    with pytest.raises(LoadError, match="no answer"):
        drive([ask] * 2, photos=4, requests=8)


def test_cpu_time_keeps_that_of_threads_that_ended() -> None:
    import os

    before = cpu_time([os.getpid()])
    thread = threading.Thread(target=_spin, args=(0.1,))
    thread.start()
    thread.join()
    assert cpu_time([os.getpid()]) - before >= 80


def _spin(seconds: float) -> None:
    start = time.thread_time()
    while time.thread_time() - start < seconds:
        pass


def test_queue_limits_are_lifted_and_nothing_else_is_changed(tmp_path: Path) -> None:
    config = read_config(MODEL_REPOSITORY / "detector")
    plain = read_config(MODEL_REPOSITORY / "detector")
    plain.dynamic_batching.ClearField("default_queue_policy")
    config.dynamic_batching.default_queue_policy.max_queue_size = 8
    config.dynamic_batching.priority_queue_policy[1].max_queue_size = 3
    assert unlimited.lift(config)
    assert config == plain
    assert not unlimited.lift(config)


def test_the_copied_repository_has_no_limits_and_the_same_files(tmp_path: Path) -> None:
    limited = [
        folder.parent.name
        for folder in MODEL_REPOSITORY.glob("*/config.pbtxt")
        if read_config(folder.parent).dynamic_batching.HasField("default_queue_policy")
    ]
    lifted = unlimited.write(MODEL_REPOSITORY, tmp_path / "copy", "cpu")
    assert lifted == sorted(limited)
    copied = {path.relative_to(tmp_path / "copy") for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    originals = (path for path in MODEL_REPOSITORY.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert copied == {path.relative_to(MODEL_REPOSITORY) for path in originals}
    assert not unlimited.write(tmp_path / "copy", tmp_path / "again", "cpu")


def test_photos_without_a_garment_and_files_that_are_none_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    (tmp_path / "nothing.jpg").write_bytes(nothing())
    (tmp_path / "notes.txt").write_text("no photo either")
    for seed in (1, 2):
        (tmp_path / f"{seed}.jpg").write_bytes(jpeg(drawn(seed, 240).rgb))
    files = photo_set.shuffled(tmp_path, seed=0)
    detector = Weights.of_repository(MODEL_REPOSITORY).open_detector(threads=1)
    chosen = photo_set.take(files, 2, detector)
    assert sorted(file.name for file in chosen.files) == ["1.jpg", "2.jpg"]
    assert min(chosen.garments) >= 1
    with pytest.raises(LoadError, match="only 2 of 4 photos show a garment"):
        photo_set.take(files, 3, detector)


def test_the_order_of_photos_depends_on_the_seed_alone(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.jpg").touch()
    assert photo_set.shuffled(tmp_path, 1) == photo_set.shuffled(tmp_path, 1) != photo_set.shuffled(tmp_path, 2)
    with pytest.raises(LoadError, match="is not a folder"):
        photo_set.shuffled(tmp_path / "0.jpg", 0)


def test_a_missing_library_that_cannot_be_fetched_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyzer_install, "_install_wheels", lambda folder: folder.mkdir())
    monkeypatch.setattr(analyzer_install, "_on_this_machine", lambda library: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LoadError, match=r"needs libb64\.so\.0d; install it \(on Debian and Ubuntu the package libb64"):
        analyzer_install.installed(tmp_path / "analyzer")
    assert not list(tmp_path.iterdir())


def test_a_damaged_installation_is_named(tmp_path: Path) -> None:
    program = tmp_path / "analyzer" / "bin" / "perf_analyzer"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho 'libb64.so.0d: cannot open' >&2\nexit 127\n")
    program.chmod(0o755)
    with pytest.raises(LoadError, match=r"does not start; remove that folder .*ended with 127: libb64"):
        analyzer_install.installed(tmp_path / "analyzer")


def test_a_folder_that_holds_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"does not start; remove that folder .*No such file"):
        analyzer_install.installed(tmp_path)


def test_other_machines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(LoadError, match="x86-64 Linux only"):
        analyzer_install.installed(tmp_path / "analyzer")


def test_a_busy_machine_and_stolen_time_are_remarked_on() -> None:
    assert machine.busy(0.4, cores=2) is None
    assert "load 1.50 on 2 cores" in (machine.busy(1.5, cores=2) or "")
    assert machine.stolen((100, 1000), (101, 2000)) is None
    assert "took 10 % of" in (machine.stolen((0, 1000), (100, 2000)) or "").replace("%", " %")


def test_the_service_answers_what_one_process_finds(garments: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    service = pytest.importorskip("benchmarks.speed.load.fastapi_service", reason="the extra `bench` is not installed")
    path = Weights.of_repository(MODEL_REPOSITORY).open_pipeline(threads=1)
    monkeypatch.setattr(service.app.state, "path", path, raising=False)
    answered, (detections, embeddings) = service.embed(garments[0]), path.embed(garments[0])
    assert [garment.embedding for garment in answered.garments] == embeddings.vectors.tolist()
    assert json.loads(answered.model_dump_json())["garments"][0]["category"] == detections.categories[0]
    from fastapi import HTTPException

    with pytest.raises(HTTPException) as refused:
        service.embed(b"no photo")
    assert refused.value.status_code == 400


def test_services_are_named_by_workers_and_threads() -> None:
    names = [fastapi_backends.Setting(workers, threads).name for workers, threads in ((1, 0), (2, 0), (2, 1))]
    assert names == ["FastAPI, 1 worker", "FastAPI, 2 workers", "tuned FastAPI, 2 workers, 1 thread"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere"], "nowhere is not a folder"),
        ([".", "--photo-count", "4", "--rounds", "2"], "8 requests are too few for 16 at a time"),
    ],
)
def test_the_command_says_in_one_sentence_what_is_wrong(
    given: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(analyzer_install, "installed", lambda folder: None)
    assert main(given) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_missing_packages_are_named_by_their_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.speed.load.__main__._EXTRAS", {"no_such_package": "bench"})
    assert main(["."]) == 1
    assert 'pip install "seamline[bench,local]"' in capsys.readouterr().err


def test_a_wrong_command_line_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([".", "--runs", "0"])
    assert ended.value.code == 2
    assert "must be at least 1" in capsys.readouterr().err


@pytest.fixture
def asked(garments: list[bytes], tmp_path: Path) -> Path:
    analyzer.write_inputs(garments, tmp_path / "photos.json")
    return tmp_path / "photos.json"


@pytest.mark.server
def test_perf_analyzer_and_our_client_measure_the_real_server(
    perf_analyzer: analyzer_install.Installed, server: LocalServer, garments: list[bytes], asked: Path
) -> None:
    theirs = Analyzer(perf_analyzer, server.endpoints.grpc, asked).measure("embed", 2, 6)
    processes = supervised_processes(server.options.home, "triton")
    ours = ByThreads(server.endpoints.grpc, garments, processes, (2,)).measure("embed", 2, 6)
    for sample in (theirs, ours):
        assert len(sample.latencies) == 6
        assert min(sample.latencies) > 1
        assert max(sample.latencies) <= sample.seconds * 1000
    assert ours.server_cpu > 10


@pytest.mark.server
def test_a_refused_photo_is_an_error_and_not_a_figure(
    perf_analyzer: analyzer_install.Installed, server: LocalServer, tmp_path: Path
) -> None:
    analyzer.write_inputs([b"no photo"], tmp_path / "photos.json")
    with pytest.raises(LoadError, match="concurrency 2: in ensemble 'embed', the bytes are not a JPEG"):
        Analyzer(perf_analyzer, server.endpoints.grpc, tmp_path / "photos.json").measure("embed", 2, 4)
    with pytest.raises(LoadError, match="the bytes are not a JPEG"):
        ByThreads(server.endpoints.grpc, [b"no photo"], (), (1,)).measure("embed", 1, 1)


@pytest.mark.server
@pytest.mark.slow
def test_a_quick_run_writes_tables_figures_and_pictures(
    perf_analyzer: analyzer_install.Installed, garments: list[bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for module in ("fastapi", "uvicorn", "matplotlib"):
        pytest.importorskip(module, reason="the extra `bench` is not installed")
    (tmp_path / "photos").mkdir()
    for number, photo in enumerate(garments):
        (tmp_path / "photos" / f"{number}.jpg").write_bytes(photo)
    assert main([str(tmp_path / "photos"), "--quick", "--photo-count", "4", "--out", str(tmp_path / "out")]) == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "load.md", "load.json", "latency.png", "throughput.png", "steps.png",
    }  # fmt: skip
    plain = json.loads((tmp_path / "out" / "load.json").read_text())
    kinds = {(entry["model"], entry["backend"].partition(",")[0]) for entry in plain["measured"]}
    assert {("embed", "Triton"), ("search", "Triton"), ("search", "tuned FastAPI"), ("embed", "one process")} <= kinds
    assert all(len(entry["sample"]["latencies"]) == 4 for entry in plain["measured"])
    assert [ratio["must"] for ratio in plain["ratios"]] == [1.8, 0.75, 1.0, None] * 2
    assert (tmp_path / "out" / "load.md").read_text() in capfd.readouterr().out


def test_a_sample_knows_its_percentiles_and_its_rate() -> None:
    sample = Sample(tuple(float(latency) for latency in range(1, 102)), seconds=2.0)
    assert (sample.percentile(50), sample.percentile(95), sample.throughput) == (51.0, 96.0, 50.5)
