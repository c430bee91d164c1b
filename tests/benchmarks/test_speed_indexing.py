from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.speed import indexing
from benchmarks.speed.interleaved import Figures, Run
from seamline.client import Client
from seamline.index import Index
from tests.support.milvus_lite import milvus_lite
from tests.support.photos import jpeg
from tests.support.wire_server import WireServer


def test_embedding_and_indexing_run_interleaved_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEAMLINE_HOME", str(tmp_path / "home"))
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(6):
        (photos / f"{number}.jpg").write_bytes(jpeg((64, 64 + number), "red"))
    (tmp_path / "milvus").mkdir()
    with WireServer() as server, milvus_lite(tmp_path / "milvus") as uri:
        monkeypatch.setenv("SEAMLINE_URL", server.address)
        words = [
            str(photos),
            "--number",
            "5",
            "--runs",
            "2",
            "--milvus",
            uri,
            "--json",
            str(tmp_path / "figures.json"),
        ]
        assert indexing.main(words) == 0
        with closing(Index(uri)) as index:
            assert index.names() == []
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["photos"], len(figures["runs"])) == (5, 2)
    assert len(server.calls) == 5 + 2 * (5 + 5 + 1)
    assert "index over embed" in capsys.readouterr().out


def test_the_ratio_weighs_runs_by_their_time() -> None:
    figures = Figures(10, 4, (Run(10.0, 10.0), Run(10.0, 5.0)))
    assert figures.ratio == pytest.approx(2 / 3)
    assert figures.runs[1].ratio == 0.5


def test_a_run_that_could_not_embed_every_photo_is_no_figure(tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    with WireServer() as server, Client(server.address) as client, pytest.raises(SystemExit, match=r"bad\.jpg"):
        indexing.measure(client, Index("http://127.0.0.1:9"), [tmp_path / "bad.jpg"], 2, 1)
