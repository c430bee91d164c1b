from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from benchmarks.speed.overload.arrivals import Call
from benchmarks.speed.overload.figures import Overload, to_json
from benchmarks.speed.overload.memory import Memory, memory
from benchmarks.speed.overload.phases import phase
from benchmarks.speed.overload.plot import plot
from seamline.local.process import supervised_environment

CALLS = [
    *(Call(second / 10, 100.0 + second, "OK") for second in range(10)),
    *(Call(second / 10, 2.0, "UNAVAILABLE", "full") for second in range(30)),
    Call(1.0, 5.0, "INTERNAL", "x"),
]


def test_a_phase_tells_accepted_refused_and_failed_apart() -> None:
    found = phase("10 times", 41.0, CALLS)
    assert found.p50 == pytest.approx(104.5)
    assert found.refused == pytest.approx(30 / 41)
    assert found.refusal_p99 == 2.0
    assert found.failures == {"INTERNAL": 1}
    assert found.answered == pytest.approx(10 / 2.902)


def test_a_phase_without_refusals_has_no_time_to_refuse() -> None:
    assert math.isnan(phase("0.5 times", 1.0, CALLS[:10]).refusal_p50)


def overload() -> Overload:
    seen = [Memory(0.0, 500.0, 100.0, 20.0), Memory(1.0, 510.0, 105.0, 20.0)]
    alone, loaded = phase("one at a time", 1.0, CALLS[:10]), phase("10 times", 41.0, CALLS, seen)
    return Overload("embed", alone, 20.0, (loaded,), 0.1, 0, beside=alone, job=loaded)


def test_memory_grows_by_the_difference_of_both_services() -> None:
    assert overload().phases[0].memory_growth == pytest.approx(15.0)


def test_figures_are_valid_json(tmp_path: Path) -> None:
    (told,) = json.loads(to_json([overload()]), parse_constant=lambda name: pytest.fail(name))
    assert told["p99_over_alone"] == {"10 times": pytest.approx(1.0)}
    assert told["alone"]["refusal_p50"] is None


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plot([overload()], tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_memory_is_that_of_the_marked_processes(tmp_path: Path) -> None:
    import subprocess
    import sys

    hold = [sys.executable, "-c", "held = bytearray(b'x' * 60_000_000); print(1, flush=True); input()"]
    with subprocess.Popen(
        hold,
        env={**os.environ, **supervised_environment(tmp_path, "triton")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 55 < memory(tmp_path).triton < 120
        process.communicate(b"\n")
    assert memory(tmp_path).triton == 0.0
