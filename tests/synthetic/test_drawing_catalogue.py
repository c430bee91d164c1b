"""The drawn sample catalogue and its manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from seamline.core.spec import CATEGORIES
from seamline.synthetic import catalogue
from seamline.synthetic.catalogue import draw_catalogue, plan
from seamline.systems.psnet.spec import REGIONS


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("catalogue")
    return folder, draw_catalogue(folder, 13, 3, seed=3, processes=2)


def test_manifest_and_files_agree(drawn: tuple[Path, dict[str, Any]]) -> None:
    folder, manifest = drawn
    assert json.loads((folder / catalogue.MANIFEST).read_text()) == manifest
    rows = manifest["garments"]
    assert len(rows) == len({row["id"] for row in rows}) == 16
    assert {path.name for path in folder.glob("*.jpg")} == {row["file"] for row in rows}
    assert {row["category"] for row in rows} == set(CATEGORIES)
    for row in rows:
        with Image.open(folder / row["file"]) as photo:
            assert photo.size == (row["width"], row["height"])
            assert 400 <= max(photo.size) <= 640
        x0, y0, x1, y1 = row["box"]
        assert 0 <= x0 < x1 <= row["width"]
        assert 0 <= y0 < y1 <= row["height"]
        assert row["landmarks"]


def test_copies_name_an_original_of_their_category(drawn: tuple[Path, dict[str, Any]]) -> None:
    rows = drawn[1]["garments"]
    by_id = {row["id"]: row for row in rows}
    copies = [row for row in rows if row["copy_of"] is not None]
    assert len(copies) == len({row["copy_of"] for row in copies}) == 3
    for row in copies:
        original = by_id[row["copy_of"]]
        assert original["copy_of"] is None
        assert original["category"] == row["category"]
        assert len(row["changed_regions"]) <= 2
        assert set(row["changed_regions"]) <= set(REGIONS)
    assert not any(row["mirrored"] or row["changed_regions"] for row in rows if row["copy_of"] is None)


def test_files_do_not_depend_on_the_number_of_processes(drawn: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, manifest = drawn
    seen: list[tuple[int, int]] = []
    again = draw_catalogue(tmp_path, 13, 3, seed=3, progress=lambda *done: seen.append(done), processes=1)
    assert again == manifest
    assert seen == [(count, 16) for count in range(1, 17)]
    for row in manifest["garments"]:
        assert (tmp_path / row["file"]).read_bytes() == (folder / row["file"]).read_bytes()


def test_hard_negatives_resemble_an_earlier_garment_of_their_category() -> None:
    items = plan(200, 0, seed=1)
    alike = [item for item in items if item.kind == "hard negative"]
    assert 10 < len(alike) < 60
    for item in alike:
        assert item.based_on is not None
        first, second = catalogue.design_of(item.based_on, items), catalogue.design_of(item.number, items)
        assert first.category == second.category
        assert first.chest.fabric.main == second.chest.fabric.main


def test_designs_are_all_different() -> None:
    items = plan(260, 0, seed=0)
    assert len({catalogue.design_of(item.number, items) for item in items}) == 260


def test_more_copies_than_originals_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="need at least as many originals"):
        draw_catalogue(tmp_path, 2, 3, seed=0)


def test_another_seed_draws_another_catalogue() -> None:
    first, second = (catalogue.design_of(0, plan(1, 0, seed)) for seed in (0, 1))
    assert first != second
