"""Reports as tables, Markdown and JSON."""

from __future__ import annotations

import dataclasses
import io
import json
import math

from rich.console import Console

from seamline.evaluation.report import Cases, Figure, Report, joined

REPORT = Report(
    (
        Figure("copies", "hash", "mAP", 0.25, 4, 0.125, 0.5),
        Figure("copies", "hash", "hit@1", 1.0, 4),
        Figure("copies", "ours", "mAP", math.nan, 0),
        Figure("boxes", "collar", "IoU", 0.5, 3),
    ),
    {"seed": 0},
)


def test_each_section_is_a_table_with_a_column_per_metric() -> None:
    text = REPORT.to_markdown()
    assert "| copies | mAP | hit@1 | cases |" in text
    assert "| hash | .250 (.125 to .500) | 1.000 | 4 |" in text
    assert "| ours | - |  | 0 |" in text
    assert "| collar | .500 | 3 |" in text
    assert "- seed: 0" in text


def test_the_terminal_shows_the_same_rows() -> None:
    written = io.StringIO()
    Console(width=120, file=written).print(REPORT.to_table())
    text = written.getvalue()
    assert ".250 (.125 to .500)" in text
    assert "seed: 0" in text


def test_missing_values_are_null_for_programs() -> None:
    rows = json.loads(REPORT.to_json())["figures"]
    assert [row["value"] for row in rows] == [0.25, 1.0, None, 0.5]


def test_means_leave_out_cases_without_a_value() -> None:
    figure = Cases("s", "n", "m", [1.0, math.nan, 0.0]).figure()
    assert (figure.value, figure.count) == (0.5, 2)
    assert Cases("s", "n", "m", []).figure().count == 0


def test_systems_share_what_is_the_same_for_all() -> None:
    one, other = (dataclasses.replace(REPORT, setting={"seed": 0, "weights": name}) for name in ("a", "b"))
    both = joined({"one": one, "other": other})
    assert both.setting == {"seed": 0, "one: weights": "a", "other: weights": "b"}
    assert both.sections[0].rows == ("one: hash", "one: ours", "other: hash", "other: ours")
    assert joined({"one": one}) == one
