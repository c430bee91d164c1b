"""Commands in an installation without the optional packages that they need."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def no_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] == "pyarrow":
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for name in ("seamline.index.parquet", "seamline.index.transfer"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.usefixtures("no_pyarrow")
def test_parquet_without_pyarrow_is_2_and_the_command_that_brings_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "items.parquet"
    for words in (("collections", "export", "catalogue", file), ("collections", "import", tmp_path), ("index", file)):
        file.touch()
        result = run(*words)
        assert (result.exit_code, result.stdout) == (2, ""), result.stderr
        assert result.stderr.endswith("need pyarrow: pip install 'seamline[parquet]'\n")
        assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("no_pyarrow")
def test_a_rebuild_from_stored_vectors_needs_no_pyarrow(run: Run, tmp_path: Path) -> None:
    result = run("collections", "rebuild", "catalogue", "--milvus", str(tmp_path / "nothing.db"))
    assert "pyarrow" not in result.stderr
