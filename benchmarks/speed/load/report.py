"""The figures as Markdown, which is what the terminal shows as well, and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.speed.load.results import ANALYZED, Measured, Ratio, Results, ratios
from benchmarks.speed.statistics import Step


@dataclasses.dataclass(frozen=True)
class Report:
    """All that was measured: `setting` says on what and with what, `remarks` what to know before reading on."""

    setting: Mapping[str, object]
    remarks: Sequence[str]
    measured: Sequence[Measured]

    @property
    def results(self) -> Results:
        """The measurements, to be asked for figures."""
        return Results(self.measured)

    def to_markdown(self) -> str:
        """All tables."""
        parts = [
            "; ".join(f"{name} {_plain(value)}" for name, value in self.setting.items() if value is not None) + "."
        ]
        parts += [f"**{remark}**" for remark in self.remarks]
        parts.append(ratio_table([ratio for model in self.results.models() for ratio in ratios(self.results, model)]))
        for model in self.results.models():
            parts += [f"### `{model}`", backend_table(self.results, model), *step_tables(self.results, model)]
        return "\n\n".join(parts) + "\n"

    def to_json(self) -> str:
        """Everything, down to the latency of each request in milliseconds."""
        results = self.results
        plain = {
            "setting": self.setting,
            "remarks": list(self.remarks),
            "ratios": [
                dataclasses.asdict(ratio) | {"value": ratio.value, "verdict": ratio.verdict()}
                for model in results.models()
                for ratio in ratios(results, model)
            ],
            "measured": [_entry(entry) for entry in self.measured],
        }
        return json.dumps(plain, indent=1) + "\n"


def _entry(entry: Measured) -> dict[str, object]:
    plain = dataclasses.asdict(entry)
    plain["sample"]["latencies"] = [round(latency, 3) for latency in entry.sample.latencies]
    return plain | {"throughput": entry.sample.throughput}


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def ratio_table(found: Sequence[Ratio]) -> str:
    """Each ratio with its spread over the runs and what it is held against."""
    rows = [
        (
            f"`{ratio.model}`, {ratio.name}", ratio.of, f"**{ratio.value:.2f}**",
            f"{min(ratio.runs):.2f} to {max(ratio.runs):.2f}", _number(ratio.must), _number(ratio.aim), ratio.verdict(),
        )
        for ratio in found
    ]  # fmt: skip
    return _table(("", "of", "ratio", "runs", "must", "aim", ""), rows, right=(2, 3, 4, 5))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def backend_table(results: Results, model: str) -> str:
    """Latency, throughput and CPU time of every backend at every concurrency."""
    rows = [
        (
            backend, str(level), *(f"{results.percentile(model, backend, level, rank):.0f}" for rank in (50, 95, 99)),
            f"{results.throughput(model, backend, level):.1f}",
            f"{results.median(model, backend, level, lambda sample: sample.server_cpu):.1f}",
            f"{results.median(model, backend, level, lambda sample: sample.client_cpu):.1f}",
        )
        for backend in results.backends(model)
        for level in results.levels(model, backend)
    ]  # fmt: skip
    heads = ("", "at a time", "p50 ms", "p95 ms", "p99 ms", "photos/s", "CPU ms", "client's CPU ms")
    return _table(heads, rows, right=range(1, 8))


def step_tables(results: Results, model: str) -> list[str]:
    """Where a request to Triton spends its time: alone, and where most are answered."""
    levels = results.levels(model, ANALYZED)
    shown = dict.fromkeys((min(levels), results.best(model, ANALYZED)))
    return [step_table(results, model, level) for level in shown]


def step_table(results: Results, model: str, level: int) -> str:
    """Mean milliseconds per step by Triton's own statistics; what is left lies between the steps and in gRPC."""
    found = results.steps(model, level)
    latency = results.median(model, ANALYZED, level, lambda sample: sum(sample.latencies) / len(sample.latencies))
    rows = [_cells(step.name, step) for step in found]
    rows.append(("between the steps, gRPC", "", "", "", f"{latency - sum(step.total for step in found):.1f}"))
    rows.append(("**in all**", "", "", "", f"**{latency:.1f}**"))
    heads = (f"`{model}`, {level} at a time: mean ms", "queue", "compute", "hand over", "in all")
    return _table(heads, rows, right=range(1, 5))


def hand_over(step: Step) -> float:
    """Milliseconds in which a step neither waited nor computed: its inputs and outputs were handed over."""
    return max(step.total - step.queue - step.compute, 0.0)


def _cells(name: str, step: Step) -> tuple[str, ...]:
    return name, *(f"{value:.1f}" for value in (step.queue, step.compute, hand_over(step), step.total))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> str:
    numbers = set(right)
    rule = ("---:" if column in numbers else "---" for column in range(len(heads)))
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, tuple(rule), *rows))
