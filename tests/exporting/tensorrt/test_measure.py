"""An engine beside the ONNX file that it was made of: what differs, and how long both take."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest

from seamline.exporting import Array, Run, default_networks, onnx_run
from seamline.exporting.tensorrt.latency import Timing, table, timed
from seamline.exporting.tensorrt.measure import measure
from seamline.exporting.tensorrt.network import Network, open_network
from seamline.exporting.tensorrt.profile import Profile
from tests.support.repositories import MODEL_REPOSITORY

NETWORKS = default_networks()

HEAD = MODEL_REPOSITORY / "region_head/1/model.onnx"


@pytest.fixture(scope="module")
def head() -> Network:
    return open_network(HEAD, "fp32", Profile(1, 2, 4), MODEL_REPOSITORY / "nowhere")


def off_by(size: float) -> Run:
    """The region head with noise on its vectors."""
    right = onnx_run(HEAD)

    def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        noise = np.random.default_rng(0)
        return {
            name: array + size * noise.standard_normal(array.shape) * (array != 0)
            for name, array in right(arrays).items()
        }

    return run


def test_the_same_network_passes_at_the_batches_of_its_profile(head: Network) -> None:
    found = measure(onnx_run(HEAD), "TensorRT", head, "fp32", [], 3)
    assert not found.refusals
    assert [one.batch for one in found.comparison.differences] == [1, 2]
    assert [(one.what, one.batch) for one in found.timings[:3]] == [("TensorRT", 1), ("TensorRT", 2), ("TensorRT", 4)]
    assert json.loads(found.to_json())["refusals"] == []


def test_another_network_is_refused(head: Network) -> None:
    found = measure(off_by(0.05), "TensorRT", head, "fp32", [], 3)
    assert any("cosine" in refusal for refusal in found.refusals)


def test_half_precision_may_differ_by_more(head: Network) -> None:
    noisy = off_by(0.0005)
    assert measure(noisy, "TensorRT", head, "fp32", [], 3).refusals
    assert not measure(noisy, "TensorRT", head, "fp16", [], 3).refusals


def test_a_call_is_timed_at_every_batch() -> None:
    calls: list[int] = []

    def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        calls.append(len(arrays["REGION_VISIBLE"]))
        return {}

    found = timed("nothing", run, NETWORKS["region_head"], [], [1, 8], calls=3)
    assert calls == [1] * 6 + [8] * 6
    assert all(one.milliseconds > 0 and one.per_second > 0 for one in found)


def test_the_table_says_how_many_times_faster() -> None:
    lines = table([Timing("engine", 1, 2.0), Timing("other", 1, 5.0)]).splitlines()
    assert lines[0].split() == ["batch", "engine", "ms", "other", "ms", "times"]
    assert lines[1].split() == ["1", "2.00", "5.00", "2.5"]
