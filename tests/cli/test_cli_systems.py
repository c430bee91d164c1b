from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from seamline.evaluation.report import Figure, Report, keep_last
from seamline.systems import DEFAULT, SYSTEMS, system_named
from tests.cli.conftest import Run
from tests.support.repositories import MODEL_REPOSITORY
from tests.support.scenes import FIVE
from tests.support.wire_server import WireServer


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder without weights."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SEAMLINE_MODEL_REPOSITORY", str(MODEL_REPOSITORY))


def listed(run: Run, *words: object) -> dict[str, dict[str, object]]:
    result = run("systems", "--json", *words)
    assert result.exit_code == 0, result.stderr
    return {row["name"]: row for row in json.loads(result.stdout)}


def test_every_system_is_listed_with_where_it_stands(server: WireServer, run: Run) -> None:
    server.systems["psnet"] = FIVE
    found = listed(run)
    assert list(found) == list(SYSTEMS)
    default = found[DEFAULT]
    assert default["default"] is True
    assert default["paper"] == system_named(DEFAULT).paper
    assert default["parts"] == list(system_named(DEFAULT).spec().parts.names)
    assert isinstance(default["installed"], str)
    assert default["served"] is found["psnet"]["served"] is True
    assert (default["trained"], default["figure"]) == (None, None)
    assert (found["psnet"]["default"], found["psnet"]["installed"]) == (False, None)


def test_without_a_server_nothing_is_known_of_what_is_served(run: Run) -> None:
    result = run("systems", "--json")
    assert result.exit_code == 0
    assert {row["served"] for row in json.loads(result.stdout)} == {None}
    assert "no server is running here" in result.stderr


@pytest.mark.parametrize("folder", [".", "weights", "weights/psnet"])
def test_weights_are_found_in_a_folder_or_one_below_it(server: WireServer, run: Run, folder: str) -> None:
    file = Path(folder) / "spec.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(system_named("psnet").spec().to_json())
    found = listed(run, *(["--weights", "."] if folder == "." else []))
    assert found["psnet"]["trained"] == folder
    assert found[DEFAULT]["trained"] is None
    assert found["psnet"]["served"] is False


def test_the_figure_is_that_of_the_last_evaluation(server: WireServer, run: Run, tmp_path: Path) -> None:
    figure = Figure("Copies", "partial", "mAP", 0.8125, 40, 0.7, 0.9)
    keep_last(DEFAULT, Report((figure,), {}), tmp_path)
    found = listed(run, "--cache", tmp_path)
    assert found[DEFAULT]["figure"] == dataclasses.asdict(figure)
    shown = run("systems", "--cache", tmp_path).stdout
    row = next(line for line in shown.splitlines() if line.startswith(f"{DEFAULT} (default)"))
    assert row.split()[-2:] == ["yes", "0.812"]
    assert "7: collar, chest, waist, left sleeve, right sleeve, ..." in row


def test_a_broken_file_among_the_weights_is_told_and_hides_no_other(server: WireServer, run: Run) -> None:
    Path("spec.json").write_text("{")
    result = run("systems", "--weights", ".")
    assert result.exit_code == 0
    assert "spec.json is not a valid spec" in result.stderr
    assert DEFAULT in result.stdout
