"""The program `seamline` from end to end: drawn photos through the real Triton into the real Milvus Lite."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seamline.local import LocalServer
from tests.support.garments import drawn, jpeg, nothing

pytestmark = pytest.mark.server

PROGRAM = Path(sys.executable).with_name("seamline")
GARMENTS = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "more").mkdir()
    for seed in range(GARMENTS):
        (folder / ("more" if seed % 2 else ".") / f"{seed} it's 100%.jpg").write_bytes(jpeg(drawn(seed).rgb))
    (folder / "broken.jpg").write_bytes(b"not a photo")
    return folder


@pytest.fixture(scope="module")
def seamline(server: LocalServer) -> Any:
    def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"SEAMLINE_HOME": str(server.options.home), "COLUMNS": "160"}
        command = [str(PROGRAM), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def indexed(seamline: Any, folder: Path) -> dict[str, Any]:
    answer = seamline("index", folder, "--collection", "drawn", "--json")
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_index_takes_every_photo_and_lists_the_unreadable_one(indexed: dict[str, Any]) -> None:
    assert indexed["photos"] == GARMENTS + 1
    assert [Path(failure["photo"]).name for failure in indexed["failed"]] == ["broken.jpg"]
    assert indexed["garments"] >= GARMENTS - 1


@pytest.mark.usefixtures("indexed")
def test_indexing_again_adds_nothing(seamline: Any, folder: Path, indexed: dict[str, Any]) -> None:
    again = json.loads(seamline("index", folder, "--collection", "drawn", "--json").stdout)
    assert again["skipped"] == GARMENTS - indexed["without_garment"]
    rows = json.loads(seamline("collections", "--json").stdout)
    assert {row["name"]: row["garments"] for row in rows}["drawn"] == indexed["garments"]


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("ranking", ["partial", "weighted", "global"])
def test_search_finds_the_photo_itself_first(seamline: Any, folder: Path, ranking: str) -> None:
    query = folder / "0 it's 100%.jpg"
    found = json.loads(seamline("search", query, "--collection", "drawn", "--ranking", ranking, "--json").stdout)
    hit = found["garments"][0]["hits"][0]
    assert hit["item"] == query.name
    assert min(value for value in hit["part_similarity"] if value is not None) > 0.99


@pytest.mark.usefixtures("indexed")
def test_search_writes_a_self_contained_page(seamline: Any, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "evidence.html"
    seamline("search", folder / "0 it's 100%.jpg", "--collection", "drawn", "--top-k", "3", "--report", page)
    text = page.read_text(encoding="utf-8")
    assert text.count("data:image/jpeg;base64,") >= 4
    assert "not a legal finding" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_compare_tells_the_same_photo_from_another(seamline: Any, folder: Path) -> None:
    query, other = folder / "0 it's 100%.jpg", folder / "more" / "1 it's 100%.jpg"
    same = json.loads(seamline("compare", query, query, "--json").stdout)["best"]
    different = json.loads(seamline("compare", query, other, "--json").stdout)["best"]
    assert same["score"] > different["score"]
    assert all(kept in (True, None) for kept in same["kept"])


def test_photo_without_garment_finds_nothing(seamline: Any, tmp_path: Path) -> None:
    photo = tmp_path / "empty.jpg"
    photo.write_bytes(nothing())
    seamline("compare", photo, photo, code=1)


def test_bad_input_and_unknown_collections_have_their_own_exit_codes(seamline: Any, folder: Path) -> None:
    query = folder / "0 it's 100%.jpg"
    assert "not a" in seamline("search", folder / "broken.jpg", code=2).stderr
    assert "does not exist" in seamline("search", query, "--collection", "missing", code=3).stderr
    assert "COLLECTION" in seamline("search", query, "--collection", "it's", code=2).stderr
    seamline("search", query, "--box", "9,9,1,1", "--collection", "missing", code=2)
    seamline("search", query, "--weights", "collar=-1", "--collection", "missing", code=2)


def test_status_names_the_running_parts(seamline: Any) -> None:
    state = json.loads(seamline("status", "--json").stdout)
    assert state["state"] == "ready"
