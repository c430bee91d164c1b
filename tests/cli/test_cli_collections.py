"""`seamline collections` against the real Milvus Lite, with the wire server in Triton's place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from seamline.core.spec import Spec
from seamline.index import Index
from seamline.index.parquet import write_rows
from seamline.serving.weights import newest
from tests.cli.conftest import Run
from tests.support.milvus_lite import milvus_lite
from tests.support.photos import jpeg
from tests.support.repositories import MODEL_REPOSITORY
from tests.support.rows import DIMENSION, FINGERPRINT, OTHER, garment
from tests.support.wire_server import WireServer


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as uri:
        yield uri


@pytest.fixture(autouse=True)
def _index(milvus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", milvus)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    write_rows(path, FINGERPRINT, (5, DIMENSION), (garment(number) for number in range(20)))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    for number, colour in enumerate(("red", "green", "blue")):
        (place / f"{number}.jpg").write_bytes(jpeg((64, 64), colour))
    return place


def listed(run: Run, name: str) -> dict[str, Any]:
    (entry,) = [found for found in json.loads(run("collections", "--json").stdout) if found["name"] == name]
    return dict(entry)


def test_a_collection_goes_in_and_out(run: Run, exported: Path, tmp_path: Path) -> None:
    result = run("collections", "import", exported, "--collection", "moved")
    assert (result.exit_code, result.stderr.strip()) == (0, "moved holds 20 garments")
    again = tmp_path / "again.parquet"
    told = json.loads(run("collections", "export", "moved", again, "--json").stdout)
    assert (told["garments"], told["fingerprint"]) == (20, FINGERPRINT)
    assert run("collections", "import", again, "--collection", "moved", "--json").exit_code == 0
    assert listed(run, "moved")["garments"] == 20


def test_what_is_wrong_is_one_sentence(run: Run, exported: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    write_rows(other, OTHER, (5, DIMENSION), [garment(1)])
    run("collections", "import", exported, "--collection", "strict")
    for words, code in (
        (("import", other, "--collection", "strict"), 2),
        (("import", exported, exported, "--collection", "strict"), 2),
        (("import", tmp_path / "missing.parquet"), 2),
        (("export", "nothing", tmp_path / "x.parquet"), 3),
        (("export", "strict", tmp_path / "no" / "x.parquet"), 2),
        (("rebuild", "nothing"), 3),
        (("rollback", "strict"), 3),
        (("prune", "nothing"), 3),
    ):
        result = run("collections", *words)
        assert (result.exit_code, "Traceback" in result.stderr) == (code, False), words
    assert listed(run, "strict")["garments"] == 20


def test_stored_rows_are_rebuilt_rolled_back_and_pruned(run: Run, exported: Path) -> None:
    run("collections", "import", exported, "--collection", "turned")
    first = listed(run, "turned")["physical"]
    result = run("collections", "rebuild", "turned")
    assert (result.exit_code, "rollback turned" in result.stderr) == (0, True)
    second = listed(run, "turned")
    assert second["physical"] != first
    assert [(kept["physical"], kept["state"], kept["garments"]) for kept in second["kept"]] == [(first, "kept", 20)]
    assert "kept" in run("collections").stdout

    assert run("collections", "rollback", "turned").exit_code == 0
    assert listed(run, "turned")["physical"] == first
    assert run("collections", "prune", "turned").stdout.split() == [second["physical"]]
    assert listed(run, "turned")["kept"] == []
    assert "nothing is kept" in run("collections", "prune", "turned").stderr


def test_photos_are_embedded_anew_beside_the_old_collection(run: Run, server: WireServer, folder: Path) -> None:
    assert run("index", folder, "--collection", "fresh").exit_code == 0
    before = listed(run, "fresh")
    server.versions["fingerprint"] = "f" * 16
    assert run("index", folder, "--collection", "fresh").exit_code == 2
    assert run("collections", "rebuild", "fresh", folder).exit_code == 0
    after = listed(run, "fresh")
    assert (after["fingerprint"], after["garments"]) == ("f" * 16, before["garments"])
    assert [(kept["physical"], kept["state"]) for kept in after["kept"]] == [(before["physical"], "serves its weights")]


def test_a_rebuild_with_failures_is_not_published_unasked(run: Run, server: WireServer, folder: Path) -> None:
    run("index", folder, "--collection", "whole")
    before = listed(run, "whole")["physical"]
    (folder / "broken.jpg").write_bytes(b"no photo")
    result = run("collections", "rebuild", "whole", folder)
    assert (result.exit_code, "answers as before" in result.stderr) == (1, True)
    assert [kept["state"] for kept in listed(run, "whole")["kept"]] == ["being filled"]
    assert listed(run, "whole")["physical"] == before
    assert run("collections", "rebuild", "whole", folder, "--anyway").exit_code == 0
    assert listed(run, "whole")["physical"] != before


@pytest.mark.usefixtures("server")
def test_a_rebuild_with_bad_rows_is_not_published_with_garments_that_no_row_names(run: Run, folder: Path) -> None:
    run("index", folder, "--collection", "torn")
    before = listed(run, "torn")["physical"]
    manifest, rows = folder / "items.csv", [f"{number},{number}.jpg" for number in range(3)]
    manifest.write_text("\n".join(["item,photo", *rows, "3,gone.jpg"]))
    assert run("collections", "rebuild", "torn", manifest).exit_code == 1
    manifest.write_text("\n".join(["item,photo", *rows[:2], ",2.jpg"]))
    result = run("collections", "rebuild", "torn", manifest, "--anyway")
    assert (result.exit_code, "1 rows or folders of the source could not be read" in result.stderr) == (2, True)
    assert "torn answers as before" in result.stderr
    assert listed(run, "torn")["physical"] == before
    manifest.write_text("\n".join(["item,photo", *rows, ",2.jpg"]))
    assert run("collections", "rebuild", "torn", manifest, "--anyway").exit_code == 0
    assert listed(run, "torn")["physical"] != before


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(("options", "reason"), [((), "--allow-urls"), (("--allow-urls",), "not a public address")])
def test_a_rebuild_fetches_urls_only_where_asked_to_and_keeps_what_failed(
    run: Run, folder: Path, options: tuple[str, ...], reason: str
) -> None:
    run("index", folder, "--collection", "linked")
    manifest, failures = folder / "listings.csv", folder / "failed.jsonl"
    manifest.write_text("item,photo\n1,http://127.0.0.1:9/1.jpg\n")
    result = run("collections", "rebuild", "linked", manifest, "--failures", failures, *options)
    assert (result.exit_code, "answers as before" in result.stderr) == (1, True)
    (failed,) = failures.read_text().splitlines()
    assert reason in failed


def test_settings_that_this_milvus_cannot_do_are_refused(
    run: Run, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "index.toml"
    settings.write_text('index = "DISKANN"\n')
    monkeypatch.setenv("SEAMLINE_INDEX_SETTINGS", str(settings))
    result = run("collections", "import", exported, "--collection", "refused")
    assert (result.exit_code, "Milvus Lite has no index DISKANN" in result.stderr) == (2, True)
    settings.write_text('index = "NONE"\n')
    assert run("collections").exit_code == 2


def test_deleted_items_do_not_come_back_with_a_rollback(run: Run, exported: Path) -> None:
    run("collections", "import", exported, "--collection", "taken")
    run("collections", "rebuild", "taken")
    before = listed(run, "taken")["garments"]
    assert run("items", "delete", "taken", garment(1).item).exit_code == 0
    assert run("collections", "rollback", "taken").exit_code == 0
    assert run("items", "show", "taken", garment(1).item).exit_code == 1
    assert listed(run, "taken")["garments"] < before


def test_a_collection_names_the_system_whose_weights_are_installed(run: Run, milvus: str, exported: Path) -> None:
    installed = Spec.load(newest(MODEL_REPOSITORY, "retrieve") / "spec.json")
    with closing(Index(milvus)) as index:
        index.create("shipped", installed.fingerprint, (len(installed.parts), installed.parts.dimension))
    run("collections", "import", exported, "--collection", "foreign")
    assert (listed(run, "shipped")["system"], listed(run, "foreign")["system"]) == (installed.system, None)
    lines = {line.split()[0]: line.split() for line in run("collections").stdout.splitlines() if line.strip()}
    assert lines["shipped"][3:] == [installed.system, "answers"]
    assert lines["foreign"][3:] == ["-", "answers"]
