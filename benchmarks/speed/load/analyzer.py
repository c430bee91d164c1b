"""Runs perf_analyzer and reads what it recorded of every request.

Its own throughput counts whole seconds of waiting, which is too coarse for short samples; the recorded times of every
request and answer are exact.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.load.analyzer_install import Installed
from benchmarks.speed.load.backend import LoadError
from benchmarks.speed.load.sample import Sample

_TIMEOUT = 600.0


def write_inputs(photos: Sequence[bytes], file: Path) -> None:
    """The photos as perf_analyzer takes them: BYTES values with their length in front, in base64."""
    steps = [{"IMAGE": {"content": {"b64": _base64(photo)}, "shape": [1]}} for photo in photos]
    file.write_text(json.dumps({"data": steps}), encoding="utf-8")


def _base64(photo: bytes) -> str:
    return base64.b64encode(struct.pack("<I", len(photo)) + photo).decode()


@dataclasses.dataclass(frozen=True)
class Analyzer:
    """perf_analyzer, pointed at one server's gRPC address; `inputs` is a file of `write_inputs`."""

    installed: Installed
    address: str
    inputs: Path

    def measure(self, model: str, concurrency: int, requests: int) -> Sample:
        """So many requests, `concurrency` at a time. Raises LoadError when one of them was not answered."""
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder, "record.json")
            before = _children()
            self._run(model, concurrency, requests, record)
            asking = _children() - before
            sample = read_record(record.read_bytes())
        if len(sample.latencies) != requests:
            raise LoadError(f"perf_analyzer recorded {len(sample.latencies)} of {requests} requests to {model}")
        return dataclasses.replace(sample, client_cpu=asking / requests)

    def _run(self, model: str, concurrency: int, requests: int, record: Path) -> None:
        command = [
            str(self.installed.program), "-m", model, "-i", "grpc", "-u", self.address,
            "--input-data", str(self.inputs), "--concurrency-range", str(concurrency),
            "--request-count", str(requests), "--profile-export-file", str(record),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, env=self.installed.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", check=False, timeout=_TIMEOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise LoadError(f"perf_analyzer had no end with {model} after {_TIMEOUT:.0f} s") from None
        if done.returncode or not record.exists():
            raise LoadError(f"perf_analyzer failed with {model} at concurrency {concurrency}: {complaint(done.stderr)}")


def complaint(stderr: str) -> str:
    """The sentence in perf_analyzer's errors that says what happened: a request's own error where there is one."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    request = next((line.partition("had error: ")[2] for line in lines if "had error: " in line), "")
    return request or next((line for line in lines if "rror" in line), "it did not say why")


def read_record(content: bytes) -> Sample:
    """The file of `--profile-export-file`: latencies and time from the first request to the last answer.

    Inputs and outputs are in it as raw bytes, so that it is neither valid UTF-8 nor strict JSON.
    """
    record = json.loads(content.decode("utf-8", errors="replace"), strict=False)
    requests = [request for experiment in record["experiments"] for request in experiment["requests"]]
    if not all(request["response_timestamps"] for request in requests):
        raise LoadError("perf_analyzer recorded a request without an answer")
    spans = [(request["timestamp"], request["response_timestamps"][-1]) for request in requests]
    seconds = (max(end for _, end in spans) - min(start for start, _ in spans)) / 1e9
    return Sample(tuple((end - start) / 1e6 for start, end in spans), seconds)


def _children() -> float:
    """Milliseconds of CPU time of all children that have ended."""
    times = os.times()
    return (times.children_user + times.children_system) * 1000
