"""Figures, tables and pictures from measurements that are made up here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.speed.load.report import Report, backend_table, hand_over, ratio_table, step_table
from benchmarks.speed.load.results import ALONE, ANALYZED, OURS, Measured, Ratio, Results, ratios
from benchmarks.speed.load.sample import Sample
from benchmarks.speed.statistics import Step

FASTAPI, TUNED, PER_CORE = "FastAPI, 2 workers", "tuned FastAPI, 2 workers, 1 thread", "one process per core, 2"


def sample(latency: float, rate: float) -> Sample:
    """Ten answers of about this latency in milliseconds, at this rate."""
    return Sample(tuple(latency + step for step in range(-5, 5)), seconds=10 / rate, server_cpu=50.0, client_cpu=2.0)


def results(runs: int = 3) -> Results:
    """Triton at 1 and 4 at a time; every run is a tenth slower than the one before."""
    measured = []
    for run in range(runs):
        slow = 1.1**run
        steps = (Step("decode", 0.5, 5.0 * slow, 6.0 * slow), Step("encoder", 1.0, 30.0 * slow, 32.0 * slow))
        for backend, level, latency, rate in (
            (ANALYZED, 1, 55.0, 18.0), (ALONE, 1, 50.0, 20.0), (OURS, 1, 56.0, 17.0), (FASTAPI, 1, 100.0, 9.0),
            (TUNED, 1, 60.0, 16.0), (PER_CORE, 2, 55.0, 36.0), (ANALYZED, 4, 130.0, 30.0), (OURS, 4, 140.0, 28.0),
            (FASTAPI, 4, 300.0, 14.0), (TUNED, 4, 150.0, 35.0),
        ):  # fmt: skip
            spent = steps if backend == ANALYZED else ()
            measured.append(Measured("embed", backend, level, run, sample(latency * slow, rate / slow), spent))
    return Results(measured)


def test_ratios_are_taken_turn_by_turn_at_each_ways_best() -> None:
    latency, throughput, plain, tuned, cost = ratios(results(), "embed")
    assert latency.runs == pytest.approx([54.5 / 49.5, (60.5 - 0.5) / (55 - 0.5), (66.55 - 0.5) / (60.5 - 0.5)])
    assert throughput.of == f"Triton at concurrency 4 over {PER_CORE}"
    assert throughput.runs == pytest.approx([30 / 36] * 3)
    assert plain.of == f"Triton, our client, at concurrency 4 over {FASTAPI}, at 4"
    assert plain.runs == pytest.approx([2.0] * 3)
    assert tuned.runs == pytest.approx([0.8] * 3)
    assert (cost.runs, cost.verdict()) == ((1.0, 1.0, 1.0), "")


@pytest.mark.parametrize(
    ("value", "smaller", "must", "aim", "verdict"),
    [
        (1.2, True, 1.8, 1.3, "reaches the aim"),
        (1.5, True, 1.8, 1.3, "reaches the must"),
        (1.9, True, 1.8, 1.3, "misses the must"),
        (0.95, False, 0.75, 0.9, "reaches the aim"),
        (0.75, False, 0.75, 0.9, "reaches the must"),
        (0.7, False, 0.75, 0.9, "misses the must"),
    ],
)
def test_a_ratio_is_held_against_its_bounds(value: float, smaller: bool, must: float, aim: float, verdict: str) -> None:
    assert Ratio("embed", "", "", (0.0, value, 9.0), must, aim, smaller).verdict() == verdict


def test_percentiles_are_over_the_requests_of_all_turns() -> None:
    assert results(1).percentile("embed", ALONE, 1, 50) == 49.5
    assert results(3).percentile("embed", ALONE, 1, 100) == pytest.approx(50 * 1.21 + 4)


def test_the_median_turn_stands_for_the_rate() -> None:
    assert results().throughput("embed", ANALYZED, 4) == pytest.approx(30 / 1.1)
    assert results().best("embed", ANALYZED) == 4
    assert results().fastest("embed", "FastAPI") == (FASTAPI, 4)


def test_the_table_of_ways_has_a_row_per_way_and_concurrency() -> None:
    rows = backend_table(results(1), "embed").splitlines()
    assert rows[2] == "| Triton | 1 | 54 | 59 | 59 | 18.0 | 50.0 | 2.0 |"
    assert [row.split(" | ")[0] for row in rows[2:]] == [
        "| Triton", "| Triton", "| Triton, our client", "| Triton, our client", "| one process",
        f"| {PER_CORE}", f"| {FASTAPI}", f"| {FASTAPI}", f"| {TUNED}", f"| {TUNED}",
    ]  # fmt: skip


def test_the_table_of_steps_adds_up_to_the_latency() -> None:
    rows = step_table(results(1), "embed", 1).splitlines()
    assert rows[2] == "| decode | 0.5 | 5.0 | 0.5 | 6.0 |"
    assert rows[4] == "| between the steps, gRPC |  |  |  | 16.5 |"
    assert rows[5] == "| **in all** |  |  |  | **54.5** |"
    assert hand_over(Step("a", 2.0, 3.0, 4.9)) == 0.0


def test_the_spread_over_the_turns_is_shown() -> None:
    table = ratio_table([Ratio("embed", "p50", "a over b", (1.1, 1.4, 1.2), 1.8, 1.3, True)])
    assert "| `embed`, p50 | a over b | **1.20** | 1.10 to 1.40 | 1.8 | 1.3 | reaches the aim |" in table


def test_json_holds_every_request() -> None:
    report = Report({"cores": 2}, ["busy"], results(2).all)
    plain = json.loads(report.to_json())
    assert plain["setting"] == {"cores": 2}
    assert plain["ratios"][1]["verdict"] == "reaches the must"
    assert len(plain["measured"]) == 20
    assert plain["measured"][0]["sample"]["latencies"][0] == 50.0
    assert "**busy**" in report.to_markdown()


def test_pictures_are_written(tmp_path: Path) -> None:
    plots = pytest.importorskip("benchmarks.speed.load.plots", reason="the extra `bench` is not installed")
    files = plots.write(results(), tmp_path)
    assert [file.name for file in files] == ["latency.png", "throughput.png", "steps.png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") and file.stat().st_size > 10_000 for file in files)
