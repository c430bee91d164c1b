"""The quality benchmark on a small folder of drawn photos, through the committed networks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("cv2", reason="the extra `train` is not installed")

from benchmarks.quality.__main__ import main
from benchmarks.quality.methods import WHITENED_GRID
from benchmarks.quality.variants import Variant
from seamline.core.errors import BadOption
from seamline.serving.weights import newest
from tests.evaluation.drawn_photos import draw_photos
from tests.support.repositories import MODEL_REPOSITORY

METHODS = (
    "perceptual hash",
    "colour histogram",
    "ORB + RANSAC (3 of the queries)",
    "ImageNet, one vector of the whole photo",
    "ImageNet, one vector of the garment crop",
    "ImageNet, five regions, equal weights",
    "one vector of the trained map",
    "five horizontal stripes of the trained map (PCB)",
    "weighted, learnt weights (PS-Net)",
    "global",
    "weighted, equal weights",
    "weighted, weights set by hand",
    "best 3 of 5",
    "best 3 of 5, z-norm by the cohort",
    "twice the same: shipped ranking: partial",
    "shipped ranking: partial",
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed networks as export writes them."""
    folder = tmp_path_factory.mktemp("exported")
    for name in ("encoder", "region_head"):
        shutil.copy(newest(MODEL_REPOSITORY, name) / "model.onnx", folder / f"{name}.onnx")
    shutil.copy(newest(MODEL_REPOSITORY, "region_pool") / "spec.json", folder)
    return folder


def test_the_whole_command_prints_every_method_and_writes_tables_and_plots(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = draw_photos(tmp_path / "photos")
    files = [tmp_path / name for name in ("figures.json", "figures.md")]
    given = [str(photos), "--cache", str(tmp_path), "--processes", "1", "--copies", "2", "--only", "retrieval"]
    given += ["--json", str(files[0]), "--markdown", str(files[1]), "--plots", str(tmp_path / "plots")]
    assert main([*given, "--variant", f"twice the same={exported}+{exported}"]) == 0
    figures = json.loads(files[0].read_text())["figures"]
    found = {figure["name"]: figure["value"] for figure in figures if figure["metric"] == "mAP"}
    assert set(METHODS) <= set(found)
    assert found["twice the same: shipped ranking: partial"] == pytest.approx(found["shipped ranking: partial"])
    assert "| medium: copies found | mAP |" in files[1].read_text()
    assert "shipped ranking: partial" in capsys.readouterr().out
    drawn = {file.name for file in (tmp_path / "plots" / "medium").iterdir() if file.stat().st_size > 5000}
    assert drawn == {
        f"{name}.png" for name in ("methods", "categories", "regions", "recall", "reliability", "evidence")
    }


def test_real_pairs_come_first_and_the_untrained_grid_stands_beside_them_and_copies_on_people(tmp_path: Path) -> None:
    photos, file = draw_photos(tmp_path / "photos"), tmp_path / "figures.json"
    given = [str(photos), "--cache", str(tmp_path), "--processes", "1", "--copies", "1", "--json", str(file)]
    assert main([*given, "--only", "worn", "pairs"]) == 0
    report = json.loads(file.read_text())
    sections = list(dict.fromkeys(figure["section"] for figure in report["figures"]))
    assert sections[:3] == [
        "real pairs: the same garment", "real pairs: in another colour",
        "copy probability, first 10 hits: calibration error by kind of photo",
    ]  # fmt: skip
    for section in (sections[0], "worn: copies found"):
        rows = {figure["name"]: figure["value"] for figure in report["figures"] if figure["section"] == section}
        assert {"shipped ranking: partial", WHITENED_GRID, "ImageNet, one vector of the garment crop"} <= set(rows)
        assert "shipped ranking: partial less the whitened grid" in rows
    rows = [figure["name"] for figure in report["figures"] if figure["section"] == sections[2]]
    assert rows[:2] == ["real pairs", "worn"]
    assert rows[2].startswith("the worst: ")


def test_what_cannot_be_measured_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--cache", str(tmp_path), "--processes", "1", "--only", "retrieval"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_variants_are_named_folders() -> None:
    assert Variant.parse("five=a+b") == Variant("five", (Path("a"), Path("b")))
    for text in ("a", "=a", "a=", "a=b+"):
        with pytest.raises(BadOption, match="NAME=FOLDER"):
            Variant.parse(text)
