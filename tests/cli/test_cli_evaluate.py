"""`seamline evaluate` on drawn photos."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.serving.weights import Weights
from seamline.systems import DEFAULT
from tests.cli.conftest import Run
from tests.evaluation.drawn_photos import draw_photos
from tests.support.repositories import MODEL_REPOSITORY


def test_evaluate_prints_what_copies_are_found(run: Run, tmp_path: Path) -> None:
    photos, markdown = draw_photos(tmp_path / "photos"), tmp_path / "figures.md"
    words = ["evaluate", photos, "--model-repository", MODEL_REPOSITORY, "--cache", tmp_path / "cache"]
    words += ["--processes", 1, "--copies", 1, "--level", "easy", "--only", "retrieval"]
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout)["figures"]
    assert {"shipped ranking: partial", "global"} <= {figure["name"] for figure in figures}
    shown = run(*words, "--markdown", markdown)
    assert "easy: copies found" in shown.stdout
    assert "| easy: copies found |" in markdown.read_text()


def test_systems_and_rankings_share_a_table(run: Run, tmp_path: Path) -> None:
    photos, folder = draw_photos(tmp_path / "photos"), tmp_path / "exported"
    folder.mkdir()
    weights = Weights.of_repository(MODEL_REPOSITORY)
    for name, file in weights.files.items():
        shutil.copy(file, folder / f"{name}.onnx")
    (folder / "spec.json").write_text(weights.spec.to_json())
    words = ["evaluate", photos, "--model-repository", MODEL_REPOSITORY, "--cache", tmp_path / "cache"]
    words += ["--processes", 1, "--only", "pairs", "--system", DEFAULT, "--weights", f"mine={folder}"]
    result = run(*words, "--ranking", "partial,global", "--json")
    assert result.exit_code == 0, result.stderr
    figures = [figure for figure in json.loads(result.stdout)["figures"] if figure["metric"] == "mAP"]
    rankings = "shipped ranking: partial", "global"
    assert [figure["name"] for figure in figures if figure["section"] == figures[0]["section"]] == [
        f"{system}: {ranking}" for system in (DEFAULT, "mine") for ranking in rankings
    ]
    assert {file.name for file in (tmp_path / "cache" / "last").iterdir()} == {f"{DEFAULT}.json", "mine.json"}


@pytest.mark.parametrize(
    "option", [("--level", "harder"), ("--only", "everything"), ("--ranking", "best"), ("--system", "psnext")]
)
def test_unknown_names_are_bad_usage(run: Run, tmp_path: Path, option: tuple[str, str]) -> None:
    result = run("evaluate", tmp_path, *option)
    assert result.exit_code == 2
    assert option[1] in result.stderr


def test_a_folder_without_weights_is_bad_usage(run: Run, tmp_path: Path) -> None:
    result = run("evaluate", tmp_path, "--weights", tmp_path)
    assert result.exit_code == 2
    assert "spec.json" in result.stderr


def test_missing_packages_name_the_extras(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    result = run("evaluate", tmp_path)
    assert result.exit_code == 2
    assert "seamline[local,draw]" in result.stderr
