"""The benchmark of a full queue runs, and nobody gets a card twice."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.desk.queue import main


def test_people_judge_at_once_and_no_card_is_given_twice(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    options = ["--suspects", "300", "--people", "4", "--seconds", "2", "--pause", "0.05"]
    assert main([*options, "--json", str(file)]) == 0
    (figures,) = json.loads(file.read_text())
    assert figures["twice"] == 0
    assert figures["verdicts"] > figures["people"]
